// The present numbers as Python: `node["w_11^(1)"].data = 0.6`, or the plain name where that is an identifier.

const isIdentifier = (i) => page.identifiers.includes(i);
const isUnique = (label) => nodes.filter((node) => node.label === label).length === 1;

/** A leaf in Python: by its label, or by its place in the graph if it does not have one of its own. */
function inPython(i) {
  const { label } = nodes[i];
  if (!label || !isUnique(label)) return `order[${i}]`;
  return isIdentifier(i) ? label : `node[${JSON.stringify(label)}]`;
}

/** The assignments that bring a graph in Python to the numbers of this page. */
function asPython() {
  const lines = [...state.leaves].map(([name, number]) => `${inPython(INDEX.get(name))}.data = ${repr(number)}`);
  const uses = (text) => lines.some((line) => line.startsWith(text));
  const { label } = nodes[page.output],
    y = isIdentifier(page.output) ? label : "y";
  return [
    ...(uses("order[") || uses("node[") ? ["from engine import toposort"] : []),
    ...(uses("order[") ? [`order = toposort(${y})`] : []),
    ...(uses("node[") ? [`node = {v.label: v for v in toposort(${y})}`] : []),
    ...lines,
    `${y}.forward()`,
  ].join("\n");
}

byId("copy").addEventListener("click", async () => {
  const text = asPython(),
    area = byId("python");
  area.value = text;
  area.hidden = false;
  try {
    await navigator.clipboard.writeText(text);
    setText(byId("announcer"), "copied");
  } catch {
    area.select(); // a sandboxed frame cannot write to the clipboard
  }
});
