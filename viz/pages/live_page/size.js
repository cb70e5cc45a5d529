// The size of the drawing: fitted to its frame, as large as drawn, or in between.

const ZOOM = 1.25,
  POINT = 4 / 3; // in pixels
const MAX_HEIGHT = 640; // of a fitted drawing
// The share of the window's height that a fitted drawing takes; less where equations stand beside it.
const SHARE = Object.keys(page.equations).length ? 0.5 : 0.59;
// The least scale at first, with which the drawing may be larger than its frame; on a phone, numbers have 9 pixels.
const READABLE = innerWidth < 900 ? 0.75 : 0.55;
let scale = null; // null: fitted, but readable; 0: fitted

const drawing = () => figures.get(state.view).querySelector("svg"); // null if the graph is not drawn

/** The scale at which all of a drawing is seen, but not enlarged more than twice. */
function fittedScale(width, height) {
  const isFull = document.fullscreenElement;
  const room = isFull ? innerHeight * 0.75 : min(innerHeight * SHARE, MAX_HEIGHT);
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

const EDGES = { scrollLeft: ["left", "right"], scrollTop: ["top", "bottom"] };

/** Scroll the frame until these elements are seen: the first, and with it those of the next for which there is room. */
function scrollTo(items) {
  const [frame, ...found] = [byId("graph"), ...items].map((item) => item.getBoundingClientRect());
  for (const [scroll, [start, end]] of Object.entries(EDGES)) {
    const [room, first, ...others] = [frame, ...found].map((box) => [box[start], box[end]]);
    const [from, to] = others.reduce((seen, span) => {
      const [from, to] = [min(seen[0], span[0]), max(seen[1], span[1])];
      return to - from > room[1] - room[0] ? seen : [from, to];
    }, first);
    if (from < room[0] || to > room[1]) byId("graph")[scroll] += (from + to - room[0] - room[1]) / 2;
  }
}

const sizes = { fit: () => 0, full: () => POINT, larger: (now) => now * ZOOM, smaller: (now) => now / ZOOM };
for (const [name, size] of Object.entries(sizes))
  on(name, "click", () => {
    scale = size(Number(drawing()?.dataset.scale));
    resize();
  });
for (const type of ["resize", "fullscreenchange"]) on(window, type, resize);
