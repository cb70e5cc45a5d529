"use strict";
// The steps are read from #steps; nodes and edges of the drawing are found by the names that dot gave them.
(() => {
  const byId = (id) => document.getElementById(id);
  const { steps, leaves } = JSON.parse(byId("steps").textContent);
  const svg = document.querySelector("#drawing svg");
  const nodes = {};
  const edges = {};
  const rows = {};
  for (const group of svg ? svg.querySelectorAll("g.node, g.edge") : []) {
    const title = group.querySelector("title");
    const name = title ? title.textContent : "";
    if (group.classList.contains("edge")) (edges[name] = edges[name] || []).push(group);
    else nodes[name] = group;
  }
  for (const title of svg ? svg.querySelectorAll("title") : []) title.remove();
  for (const row of document.querySelectorAll("#nodes tr")) rows[row.dataset.node] = row;

  const write = (name, kind, text) => {
    const texts = nodes[name] ? nodes[name].querySelectorAll("text") : [];
    for (const element of texts) if (element.dataset.kind === kind) element.textContent = kind + " " + text;
    rows[name].cells[kind === "data" ? 2 : 3].textContent = text || "?";
  };
  for (const name in rows) {
    const texts = nodes[name] ? [...nodes[name].querySelectorAll("text")].reverse() : [];
    for (const kind of ["grad", "data"]) { // the last such text, since a label may begin with the same word
      const found = texts.find((element) => !element.dataset.kind && element.textContent.startsWith(kind + " "));
      if (found) found.dataset.kind = kind;
    }
  }
  const shade = (name, colour) => {
    for (const box of nodes[name] ? nodes[name].querySelectorAll("polygon") : []) box.setAttribute("fill", colour);
  };

  const reveal = (group) => { // scrolls the drawing, and not the page
    const frame = byId("drawing").getBoundingClientRect();
    const box = group ? group.getBoundingClientRect() : frame;
    if (box.left < frame.left || box.right > frame.right) {
      byId("drawing").scrollLeft += box.left + box.width / 2 - (frame.left + frame.width / 2);
    }
  };

  let position = 0;
  const show = (wanted) => {
    position = Math.max(0, Math.min(steps.length, Math.trunc(wanted) || 0));
    for (const name in rows) {
      write(name, "data", leaves[name] || "");
      write(name, "grad", "");
      shade(name, "white");
      rows[name].classList.remove("current");
      rows[name].removeAttribute("aria-current");
    }
    for (const group of Object.values(edges).flat()) {
      for (const part of group.querySelectorAll("path, polygon")) {
        part.setAttribute("stroke", "black");
        part.setAttribute("stroke-width", "1");
      }
    }
    for (const step of steps.slice(0, position)) {
      write(step.target, step.phase === "forward" ? "data" : "grad", step.result);
      shade(step.target, "#ebebeb");
    }
    const step = steps[position - 1];
    byId("where").textContent = step ? step.title : "Start: the values of the leaves are known. " + steps.length + " steps.";
    byId("said").textContent = step ? step.text : "";
    byId("formula").innerHTML = step ? step.formula : ""; // MathML of the stepper, with every label escaped
    if (step) {
      shade(step.target, "#ffe48a");
      rows[step.target].classList.add("current");
      rows[step.target].setAttribute("aria-current", "true");
      reveal(nodes[step.target]);
      const edge = step.edge && (edges[step.edge[0]] || [])[step.edge[1]];
      for (const part of edge ? edge.querySelectorAll("path, polygon") : []) {
        part.setAttribute("stroke", "#b22222");
        part.setAttribute("stroke-width", "2.5");
      }
    }
    const phase = step ? step.phase : "";
    for (const name of ["forward", "backward"]) byId(name).classList.toggle("now", name === phase);
    byId("slider").value = position;
    byId("slider").setAttribute("aria-valuetext", byId("where").textContent);
    byId("first").disabled = byId("previous").disabled = position === 0;
    byId("next").disabled = byId("last").disabled = position === steps.length;
    try { history.replaceState(null, "", "#step=" + position); } catch (error) { /* a sandboxed frame cannot set its address */ }
  };

  const moves = { first: () => 0, previous: () => position - 1, next: () => position + 1, last: () => steps.length };
  for (const name in moves) {
    byId(name).addEventListener("click", () => {
      show(moves[name]());
      if (byId(name).disabled) byId("stepper").focus(); // a disabled button would lose the focus
    });
  }
  byId("slider").addEventListener("input", (event) => show(Number(event.target.value)));
  const keys = { ArrowRight: "next", ArrowLeft: "previous", Home: "first", End: "last" };
  byId("stepper").addEventListener("keydown", (event) => {
    const isOurs = !event.altKey && !event.ctrlKey && !event.metaKey && event.target.id !== "slider";
    if (isOurs && keys[event.key]) {
      event.preventDefault();
      show(moves[keys[event.key]]());
    }
  });
  const fromAddress = () => show(Number((location.hash.match(/^#step=(\d+)$/) || [0, position])[1]));
  addEventListener("hashchange", fromAddress);
  fromAddress();
})();
