"""Text that LaTeX, Markdown or HTML could take for its own, and characters that cannot be shown."""

HOSTILE = [*"&%$#_{}\\^~<>|\"'`", "a\\", "$$", "\\input{x}", "%{", "--", "-->", "a\nb", "a || b", "]]>", "</td>"]
HOSTILE += ["</math>", "50 % of {a_b}", "x_1"]
UNPRINTABLE = ["\0", "\x1b[31m", "\x7f", "\ud800", "a\udfffb", "\ufffe"]
