"use strict";
// The steps of each view are read from #steps; the parts of its drawing are found by their data attributes.
(() => {
  const byId = (id) => document.getElementById(id);
  const FOUND = { "data-shape": "shapes", "data-number": "numbers", "data-edge": "edges" };

  // By id, the elements whose attribute lists it.
  const collect = (element, attribute) => {
    const found = {};
    for (const part of element.querySelectorAll(`[${attribute}]`)) {
      for (const id of part.getAttribute(attribute).split(" ")) (found[id] = found[id] || []).push(part);
    }
    return found;
  };
  const views = JSON.parse(byId("steps").textContent).views;
  for (const view of views) {
    view.element = document.querySelector(`.view[data-view="${view.name}"]`);
    for (const attribute in FOUND) view[FOUND[attribute]] = collect(view.element, attribute);
    view.rows = collect(view.element, "data-node");
    view.drawing = view.element.querySelector(".drawing");
  }
  let view = views[0];
  let position = 0;

  const write = (id, kind, [inTable, inDrawing], weight = "normal") => {
    for (const element of view.numbers[id] || []) {
      if (element.dataset.kind !== kind) continue;
      element.textContent = inDrawing ? element.dataset.before + inDrawing : "";
      element.setAttribute("font-weight", weight);
    }
    view.rows[id][0].cells[kind === "data" ? 2 : 3].textContent = inTable || "?";
  };
  const paint = (parts, changes) => { // with null, as it was drawn
    for (const part of parts || []) {
      part.drawn = part.drawn || Object.fromEntries(["fill", "stroke", "stroke-width"].map((name) => [name, part.getAttribute(name)]));
      for (const [name, value] of Object.entries({ ...part.drawn, ...changes })) {
        if (value === null) part.removeAttribute(name);
        else part.setAttribute(name, value);
      }
    }
  };
  const markEdge = (edge) => {
    for (const part of view.edges[edge] || []) {
      const fill = part.tagName === "polygon" ? { fill: "#b22222" } : {};
      paint([part], { stroke: "#b22222", "stroke-width": "2.5", ...fill });
    }
  };
  const reveal = (part) => { // scrolls the drawing, and not the page
    const frame = view.drawing.getBoundingClientRect();
    const box = part ? part.getBoundingClientRect() : frame;
    if (box.left < frame.left || box.right > frame.right) {
      view.drawing.scrollLeft += box.left + box.width / 2 - (frame.left + frame.width / 2);
    }
  };

  const show = (wanted) => {
    const steps = view.steps;
    position = Math.max(0, Math.min(steps.length, Math.trunc(wanted) || 0));
    for (const id in view.rows) {
      write(id, "data", view.leaves[id] || []);
      write(id, "grad", []);
      view.rows[id][0].classList.remove("current");
      view.rows[id][0].removeAttribute("aria-current");
    }
    for (const parts of [...Object.values(view.shapes), ...Object.values(view.edges)]) paint(parts, null);
    for (const [n, step] of steps.slice(0, position).entries()) {
      write(step.target, step.phase === "forward" ? "data" : "grad", step.result, n === position - 1 ? "bold" : "normal");
      paint(view.shapes[step.target], { fill: "#ebebeb" });
    }
    const step = steps[position - 1];
    byId("where").textContent = step ? step.title : "Start: the values of the leaves are known. " + steps.length + " steps.";
    byId("said").textContent = step ? step.text : "";
    byId("formula").innerHTML = step ? step.formula : ""; // MathML of the stepper, with every label escaped
    if (step) {
      paint(view.shapes[step.target], { fill: "#ffe48a" });
      markEdge(step.edge);
      view.rows[step.target][0].classList.add("current");
      view.rows[step.target][0].setAttribute("aria-current", "true");
      reveal((view.shapes[step.target] || view.edges[step.edge] || [])[0]);
    }
    const phase = step ? step.phase : "";
    for (const name of ["forward", "backward"]) byId(name).classList.toggle("now", name === phase);
    byId("slider").max = steps.length;
    byId("slider").value = position;
    byId("slider").setAttribute("aria-valuetext", byId("where").textContent);
    byId("first").disabled = byId("previous").disabled = position === 0;
    byId("next").disabled = byId("last").disabled = position === steps.length;
    const address = (view === views[0] ? "#" : "#view=" + view.name + "&") + "step=" + position;
    try { history.replaceState(null, "", address); } catch (error) { /* a sandboxed frame cannot set its address */ }
  };

  const choose = (name) => {
    view = views.find((found) => found.name === name) || views[0];
    for (const found of views) found.element.hidden = found !== view;
    if (byId("view")) byId("view").value = view.name;
  };
  if (byId("view")) {
    byId("view").addEventListener("change", (event) => {
      const place = view.places[position];
      choose(event.target.value);
      show(place);
    });
  }

  const moves = { first: () => 0, previous: () => position - 1, next: () => position + 1, last: () => view.steps.length };
  for (const name in moves) {
    byId(name).addEventListener("click", () => {
      show(moves[name]());
      if (byId(name).disabled) byId("stepper").focus(); // a disabled button would lose the focus
    });
  }
  byId("slider").addEventListener("input", (event) => show(Number(event.target.value)));
  const keys = { ArrowRight: "next", ArrowLeft: "previous", Home: "first", End: "last" };
  byId("stepper").addEventListener("keydown", (event) => {
    const isOurs = !event.altKey && !event.ctrlKey && !event.metaKey && !["slider", "view"].includes(event.target.id);
    if (isOurs && keys[event.key]) {
      event.preventDefault();
      show(moves[keys[event.key]]());
    }
  });
  const fromAddress = () => {
    const [, name, step] = location.hash.match(/^#(?:view=(\w+)&)?step=(\d+)$/) || [null, view.name, position];
    choose(name);
    show(Number(step));
  };
  addEventListener("hashchange", fromAddress);
  fromAddress();
})();
