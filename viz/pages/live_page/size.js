// The size of the drawing: fitted to its frame, as large as drawn, or in between.

const ZOOM = 1.25,
  POINT = 4 / 3; // in pixels
const MIN_HEIGHT = 300,
  MAX_HEIGHT = 640; // of a fitted drawing
// The share of the window's height that a drawing takes; less where equations stand beside it.
const SHARE = Object.keys(page.equations).length ? 0.5 : 0.7;
const READABLE = 0.6; // the least scale at first, with which the drawing may be wider than its frame
let scale = null; // null: fitted, but readable; 0: fitted

const drawing = () => figures.get(state.view).querySelector("svg"); // null if the graph is not drawn

/** The scale at which all of a drawing is seen, but not enlarged more than twice. */
function fittedScale(width, height) {
  const isFull = document.fullscreenElement;
  const room = isFull ? innerHeight * 0.75 : max(MIN_HEIGHT, min(innerHeight * SHARE, MAX_HEIGHT));
  return min(isFull ? 4 : 2, (byId("graph").clientWidth - 2) / width, room / height);
}

/** Set the size of the shown drawing. */
function resize() {
  const svg = drawing();
  if (!svg) return;
  const { width, height } = svg.viewBox.baseVal,
    fitted = fittedScale(width, height);
  const used = max(0.1, scale === null ? max(fitted, READABLE) : scale || fitted);
  setAttribute(svg, "width", width * used);
  setAttribute(svg, "height", height * used);
  svg.dataset.scale = used;
}

/** Scroll the frame sideways and down to what has just changed, if it is not seen. */
function scrollTo(item) {
  const graph = byId("graph"),
    frame = graph.getBoundingClientRect(),
    { left, right, top, bottom } = item.getBoundingClientRect();
  if (left < frame.left || right > frame.right) graph.scrollLeft += (left + right - frame.left - frame.right) / 2;
  if (top < frame.top || bottom > frame.bottom) graph.scrollTop += (top + bottom - frame.top - frame.bottom) / 2;
}

function setScale(newScale) {
  scale = newScale;
  resize();
}
const scaleNow = () => Number(drawing()?.dataset.scale);
on("fit", "click", () => setScale(0));
on("full", "click", () => setScale(POINT));
on("larger", "click", () => setScale(scaleNow() * ZOOM));
on("smaller", "click", () => setScale(scaleNow() / ZOOM));
for (const type of ["resize", "fullscreenchange"]) on(window, type, resize);
