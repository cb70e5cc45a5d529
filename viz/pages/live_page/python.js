// The present numbers as Python: `node["w_11^(1)"].data = 0.6`, or the plain name where that is an identifier.

const KEYWORDS = new Set("False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield".split(" "));
const isIdentifier = (name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !KEYWORDS.has(name);

/** The assignments that bring a graph in Python to the numbers of this page. */
function asPython() {
  const changed = [...state.leaves].map(([name, number]) => [nodes[INDEX.get(name)].label, name, number]);
  const lines = changed.map(([label, name, number]) =>
    isIdentifier(label) && label === name ? `${label}.data = ${repr(number)}` : `node[${JSON.stringify(label)}].data = ${repr(number)}`);
  const lookup = lines.some((line) => line.startsWith("node[")) ? ["node = {v.label: v for v in toposort(y)}"] : [];
  return [...lookup, ...lines, "y.forward()"].join("\n");
}

byId("copy").addEventListener("click", async () => {
  const text = asPython(), area = byId("python");
  area.value = text;
  area.hidden = false;
  try {
    await navigator.clipboard.writeText(text);
    byId("announcer").textContent = "copied";
  } catch {
    area.select(); // a sandboxed frame cannot write to the clipboard
  }
});
