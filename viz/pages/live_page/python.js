// The present numbers as Python: `node["w_11^(1)"].data = 0.6`, or the plain name where that is an identifier.

/** The assignments that bring a graph in Python to the numbers of this page. */
function asPython() {
  const lines = [...state.leaves].map(([name, number]) => `${page.python[POSITION.get(name)]}.data = ${repr(number)}`);
  const y = page.python_output;
  const sets = { order: `toposort(${y})`, node: `{v.label: v for v in toposort(${y})}` };
  const used = Object.keys(sets).filter((name) => lines.some((line) => line.startsWith(`${name}[`)));
  return [
    ...(used.length ? ["from engine import toposort"] : []),
    ...used.map((name) => `${name} = ${sets[name]}`),
    ...lines,
    `${y}.forward()`,
  ].join("\n");
}

on("copy", "click", async () => {
  const text = asPython(),
    area = byId("python");
  area.value = text;
  area.hidden = false;
  try {
    await navigator.clipboard.writeText(text);
    setText("announcer", "copied");
  } catch {
    area.select(); // a sandboxed frame cannot write to the clipboard
  }
});
