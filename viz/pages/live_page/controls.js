// Changing numbers, four ways: a slider, a field, dragging the number sideways, arrow keys. And choosing what is shown.

const fields = new Map(), sliders = new Map(); // by leaf; those in the table

/** A field that applies what is typed as soon as it reads as a number, and says why it does not. */
function connectField(field, i, reason) {
  field.addEventListener("focus", () => beginEdit(i));
  field.addEventListener("input", () => {
    try {
      setLeaf(i, parseNumber(field.value));
      reason.textContent = "";
    } catch (error) {
      reason.textContent = `${page.texts[i]} stays ${formatNumber(numberOf(i), 6)}: ${error.message}`;
    }
    field.setAttribute("aria-invalid", String(reason.textContent !== ""));
  });
  field.addEventListener("blur", () => {
    reason.textContent = "";
    field.setAttribute("aria-invalid", "false");
    change();
    writeAddress();
  });
  field.addEventListener("keydown", (event) => moveByKey(event, i));
}

function connectSlider(slider, i) {
  const step = stepOf(nodes[i].data);
  slider.addEventListener("pointerdown", () => beginEdit(i));
  slider.addEventListener("focus", () => beginEdit(i));
  slider.addEventListener("input", () => setLeaf(i, moveBy(nodes[i].data, Math.round((Number(slider.value) - nodes[i].data) / step), step)));
  slider.addEventListener("change", writeAddress);
  slider.addEventListener("keydown", (event) => moveByKey(event, i));
}

const scaleOf = (event) => (event.shiftKey ? 10 : event.altKey ? 0.1 : 1);

/** Arrow keys move a leaf by its step; in a field only up and down, since the others move the cursor. */
function moveByKey(event, i) {
  const inField = event.target.type === "text";
  const direction = { ArrowUp: 1, ArrowDown: -1, ...(inField ? {} : { ArrowRight: 1, ArrowLeft: -1 }) }[event.key];
  if (direction) {
    event.preventDefault();
    event.stopPropagation();
    setLeaf(i, moveBy(numberOf(i), direction, stepOf(nodes[i].data) * scaleOf(event)));
    writeAddress();
  } else if (event.key === "Escape" && edit?.leaf === i && edit.from !== undefined) {
    setLeaf(i, edit.from);
  } else if (event.key === "r" && !inField) {
    reset([i]);
  }
}

/** Back to the author's numbers. */
function reset(which) {
  for (const i of which) state.leaves.delete(nodes[i].name);
  edit = null;
  change();
  writeAddress();
}

/** Dragging a number sideways changes it by a step for each pixel; Escape gives the old number back. */
function connectDrag(handle, i) {
  let from, at, number;
  const end = () => {
    from = undefined;
    document.body.classList.remove("dragging");
    writeAddress();
  };
  handle.classList.add("handle");
  handle.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    beginEdit(i);
    [from, at, number] = [numberOf(i), event.clientX, numberOf(i)];
    handle.setPointerCapture(event.pointerId);
    document.body.classList.add("dragging");
  });
  handle.addEventListener("pointermove", (event) => {
    if (from === undefined) return;
    number = moveBy(number, Math.round(event.clientX - at), stepOf(nodes[i].data) * scaleOf(event));
    at = event.clientX;
    setLeaf(i, number);
  });
  handle.addEventListener("pointerup", end);
  handle.addEventListener("pointercancel", end);
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || from === undefined) return;
    setLeaf(i, from);
    end();
  });
}

/** The slider runs over the author's number ± twice its size, and widens for numbers beyond. */
function paintLeaves() {
  for (const [i, slider] of sliders) {
    const number = numberOf(i), half = nodes[i].data === 0 ? 1 : 2 * Math.abs(nodes[i].data);
    slider.min = Math.min(nodes[i].data - half, number);
    slider.max = Math.max(nodes[i].data + half, number);
    slider.value = number;
    slider.setAttribute("aria-valuetext", formatNumber(number, 6));
    slider.closest("tr")?.classList.toggle("changed", state.leaves.has(nodes[i].name));
  }
  for (const [i, field] of fields) if (document.activeElement !== field) field.value = formatNumber(numberOf(i), 15);
  const bar = byId("bar"), i = state.selected;
  bar.hidden = !leaves.includes(i);
  if (bar.hidden) return;
  byId("bar-name").replaceChildren(nameOf(i));
  byId("bar-value").textContent = formatNumber(numberOf(i), 6);
  const slider = byId("bar-slider"), own = sliders.get(i);
  for (const name of ["min", "max", "value"]) slider[name] = own[name];
  slider.setAttribute("aria-label", page.texts[i]);
  slider.setAttribute("aria-valuetext", formatNumber(numberOf(i), 6));
}

function select(i, changes = {}) {
  change({ selected: i, path: 0, pinned: false, ...changes });
  writeAddress();
}

for (const i of leaves) {
  const field = document.getElementsByName(nodes[i].name).item(0), row = field.closest("tr");
  fields.set(i, field);
  sliders.set(i, row.querySelector("input[type=range]"));
  connectField(field, i, row.querySelector(".reason"));
  connectSlider(sliders.get(i), i);
  row.querySelector("button.reset").addEventListener("click", () => reset([i]));
  for (const item of document.querySelectorAll('svg [data-field="value"]')) if (item.dataset.node === nodes[i].name) connectDrag(item, i);
}
{
  const slider = byId("bar-slider");
  const i = () => state.selected;
  slider.addEventListener("pointerdown", () => beginEdit(i()));
  slider.addEventListener("input", () => setLeaf(i(), moveBy(nodes[i()].data, Math.round((Number(slider.value) - nodes[i()].data) / stepOf(nodes[i()].data)), stepOf(nodes[i()].data))));
  slider.addEventListener("change", writeAddress);
  slider.addEventListener("keydown", (event) => moveByKey(event, i()));
}

/** The neighbours of the selected leaf among the leaves: the buttons of the bar. */
function neighbour(direction) {
  const at = leaves.indexOf(state.selected);
  return leaves[(at + direction + leaves.length) % leaves.length];
}
byId("bar-previous").addEventListener("click", () => select(neighbour(-1)));
byId("bar-next").addEventListener("click", () => select(neighbour(1)));
byId("reset-all").addEventListener("click", () => reset(leaves));

for (const item of document.querySelectorAll("[data-select]")) {
  const i = Number(item.dataset.select);
  item.addEventListener("click", () => select(i));
  item.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") select(i);
    else if (event.key === "e" && fields.has(i)) fields.get(i).focus();
    else if (event.key === "p") select(i, { path: state.selected === i ? state.path + 1 : 0, pinned: true });
    else if (event.key === "r" && leaves.includes(i)) reset([i]);
    else return;
    event.preventDefault();
  });
}

// Paths: shown while the pointer or the focus is on them, and kept by a click.
const pathAt = (event) => event.target.closest("[data-path]");
byId("inspector").addEventListener("click", (event) => {
  const button = pathAt(event);
  if (!button) return;
  const path = Number(button.dataset.path);
  change({ path, pinned: !(state.pinned && state.path === path) });
  writeAddress();
  requestAnimationFrame(() => byId("inspector").querySelector(`[data-path="${path}"]`)?.focus());
});
for (const type of ["pointerover", "focusin"])
  byId("inspector").addEventListener(type, (event) => {
    const button = pathAt(event);
    if (button && !state.pinned && Number(button.dataset.path) !== state.path) change({ path: Number(button.dataset.path) });
  });

for (const button of document.querySelectorAll("button[data-view]"))
  button.addEventListener("click", () => {
    change({ view: button.dataset.view, path: 0, pinned: false, step: null });
    writeAddress();
  });
byId("output").addEventListener("change", (event) => {
  change({ output: INDEX.get(event.target.value), path: 0, pinned: false, step: null });
  writeAddress();
});

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input, select, textarea")) return;
  if (event.key === "R") reset(leaves);
  else if (event.key === "f") document.fullscreenElement ? document.exitFullscreen() : byId("live").requestFullscreen?.();
});
