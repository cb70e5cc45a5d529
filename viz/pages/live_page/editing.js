// Changing numbers, four ways: a slider, a field, dragging the number sideways, arrow keys.

const FIELD_DIGITS = 8; // of a field that does not have the focus; with it, the field shows the whole number

const editors = []; // each a field, a slider, what names them, and a function that gives their leaf

/** The field of an editor; it applies what is typed once it reads, and says why it does not. */
function connectField({ field, leaf }, reason) {
  const say = (text) => {
    setText(reason, text);
    field.ariaInvalid = text !== "";
  };
  on(field, "focus", () => {
    field.value = format(numberOf(leaf()), 15);
    beginEdit(leaf());
  });
  on(field, "input", () => {
    const i = leaf();
    try {
      setLeaf(i, parseNumber(field.value));
      say("");
    } catch (error) {
      say(`${labels[i]} stays ${shown(numberOf(i))}: ${error.message}`);
    }
  });
  on(field, "blur", () => {
    say("");
    change();
  });
  on(field, "keydown", (event) => moveByKey(event, leaf()));
}

/** The slider of an editor, which moves the leaf by its step. */
function connectSlider({ slider, leaf }) {
  for (const type of ["pointerdown", "focus"]) on(slider, type, () => beginEdit(leaf()));
  on(slider, "input", () => {
    const i = leaf(),
      from = nodes[i].data,
      step = stepOf(from);
    setLeaf(i, moveBy(from, Math.round((Number(slider.value) - from) / step), step));
  });
  on(slider, "keydown", (event) => moveByKey(event, leaf()));
}

const scaleOf = (event) => (event.shiftKey ? 10 : event.altKey ? 0.1 : 1);

/** Arrow keys move a leaf by its step; in a field only up and down, since the others move the cursor. */
function moveByKey(event, i) {
  const isField = event.target.type === "text",
    sideways = isField ? {} : { ArrowRight: 1, ArrowLeft: -1 };
  const direction = { ArrowUp: 1, ArrowDown: -1, ...sideways }[event.key];
  if (direction) setLeaf(i, moveBy(numberOf(i), direction, stepOf(nodes[i].data) * scaleOf(event)));
  else if (event.key === "Escape" && edit?.leaf === i) setLeaf(i, edit.from);
  else if (event.key === "r" && !isField) reset([i]);
  else return;
  if (isField) event.target.value = format(numberOf(i), 15);
  event.preventDefault();
  event.stopPropagation();
}

/** Choose a leaf, and type its number, in the bar beside the drawing. */
function typeNumber(i) {
  select(i);
  byId("bar").hidden = false;
  byId("bar-field").focus({ preventScroll: true });
  byId("bar-field").select();
}

/** Dragging a number sideways changes it by a step for each pixel; Escape gives the old number back. */
function connectDrag(handle, i) {
  let drag = null; // the number and the place of now
  const end = () => {
    if (drag && !drag.hasMoved) select(i);
    drag = null;
    document.body.classList.remove("dragging");
    writeAddress();
  };
  handle.classList.add("handle");
  on(handle, "pointerdown", (event) => {
    if (event.button) return;
    beginEdit(i);
    drag = { number: edit.from, x: event.clientX };
    handle.setPointerCapture(event.pointerId);
    document.body.classList.add("dragging");
  });
  on(handle, "pointermove", (event) => {
    const pixels = drag ? Math.round(event.clientX - drag.x) : 0;
    if (!pixels) return;
    const number = moveBy(drag.number, pixels, stepOf(nodes[i].data) * scaleOf(event));
    drag = { number, x: event.clientX, hasMoved: true };
    if (state.selected !== i) select(i);
    setLeaf(i, number);
  });
  for (const type of ["pointerup", "pointercancel"]) on(handle, type, end);
  on(handle, "click", (event) => event.stopPropagation());
  on(handle, "dblclick", (event) => {
    event.stopPropagation();
    typeNumber(i);
  });
  on(window, "keydown", (event) => {
    if (event.key !== "Escape" || !drag) return;
    setLeaf(i, edit.from);
    end();
  });
}

/** The range of a slider: the author's number ± twice its size, and wider for a number beyond. */
function setSlider(slider, i) {
  const from = nodes[i].data,
    number = numberOf(i),
    half = from === 0 ? 1 : 2 * Math.abs(from);
  const range = { min: min(from - half, number), max: max(from + half, number) };
  Object.assign(slider, { ...range, value: number, ariaValueText: shown(number) });
}

/** Show the number of a leaf in a field, unless it is typed there. */
function setField(field, i) {
  const text = format(numberOf(i), FIELD_DIGITS);
  if (document.activeElement !== field && field.value !== text) field.value = text;
}

function paintLeaves() {
  const { selected } = state;
  byId("bar").hidden = !leaves.includes(selected);
  byId("bar-name").replaceChildren(nameOf(selected));
  for (const { field, slider, named, leaf } of editors) {
    const i = leaf();
    if (!leaves.includes(i)) continue; // the bar, which is hidden
    setField(field, i);
    setSlider(slider, i);
    mark(named, { changed: state.leaves.has(nodes[i].name) });
    setAttribute(field, "aria-label", labels[i]);
    setAttribute(slider, "aria-label", `${labels[i]}, slider`);
  }
}

function addEditor(named, part, leaf) {
  const [field, slider] = part.querySelectorAll("input"),
    editor = { field, slider, named, leaf };
  connectField(editor, part.querySelector(".reason"));
  connectSlider(editor);
  editors.push(editor);
}

addEditor(byId("bar-name"), byId("bar"), () => state.selected);
for (const i of leaves) {
  const row = document.getElementsByName(nodes[i].name).item(0).closest("tr");
  addEditor(row, row, () => i);
  on(row.querySelector("button"), "click", () => reset([i]));
}
for (const item of all("svg [data-field]")) {
  const i = POSITION.get(item.dataset.drag ?? (item.dataset.field === "value" ? item.dataset.node : ""));
  if (leaves.includes(i)) connectDrag(item, i);
}
on("reset-all", "click", () => reset(leaves));
