// The two time axes: the course of the delivery rate, and the messages of the whole period. Both
// are brushed alike: by drag, by click on a step, or by the keys of `keyPressed`.

const LEFT = 44;
const RIGHT = 6;
const BELOW = 20;

/** Draw the course: line and band of what is settled, range and hollow dot of what is not. */
function courseAxis(axis, width, actions) {
  const high = 172;
  const plot = frame(axis, width, high);
  const y = (rate) => 8 + ((1 - Math.max(rate, axis.floor)) / (1 - axis.floor)) * (high - 8);
  const words = new Map(axis.points.map((point) => [point[0], point[7]]));
  for (const [rate, label] of axis.rates) {
    plot.svg.append(
      shape("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(rate), y2: y(rate) }),
      shape("text", { class: "tick", x: LEFT - 8, y: y(rate) + 4, "text-anchor": "end" }, label),
    );
  }
  const settled = axis.points.filter((point) => point[1] !== null && !point[6]);
  for (const run of runs(settled)) drawRun(plot, run, y);
  for (const [step, rate, , , low, best, open] of axis.points) {
    if (!open) continue;
    const x = plot.middle(step);
    plot.svg.append(shape("line", { class: "range", x1: x, x2: x, y1: y(low), y2: y(best) }));
    if (rate !== null) plot.svg.append(shape("circle", { class: "open", cx: x, cy: y(rate), r: 3.5 }));
  }
  if (axis.unsettled !== null) shade(plot, axis, width, high);
  return brushed(plot, axis, words, `Delivery rate, ${axis.label}`, "course", actions);
}

/** Draw the messages of the whole period, with a window over the part that is shown. */
function overviewAxis(axis, width, actions) {
  const high = 36;
  // Without a brush its steps stand below those of the course, which has the ticks.
  const plot = frame(axis.brush ? axis : { ...axis, ticks: [] }, width, high, axis.brush ? BELOW : 4);
  for (const [step, share] of axis.bars) {
    const [left, right] = [plot.x(step), plot.x(step + 1)];
    const height = Math.max(1, share * (high - 2));
    const gap = right - left > 4 ? 1 : 0;
    plot.svg.append(
      shape("rect", { class: "volume", x: left, y: high - height, width: right - left - gap, height }),
    );
  }
  if (axis.brush) {
    const [left, right] = axis.brush.map(plot.x);
    const side = (x, wide) => shape("rect", { class: "outside", x, y: 0, width: wide, height: high });
    plot.svg.append(
      side(LEFT, Math.max(0, left - LEFT)),
      side(right, Math.max(0, width - RIGHT - right)),
      shape("rect", { class: "window", x: left, y: 0, width: Math.max(2, right - left), height: high }),
    );
  }
  const words = new Map(axis.bars.map((bar) => [bar[0], bar[2]]));
  return brushed(plot, axis, words, `Messages, ${axis.label}`, "overview", actions);
}

/** An SVG with a scale of steps and the ticks that have room. */
function frame(axis, width, high, below = BELOW) {
  const steps = axis.edges.length - 1;
  const wide = Math.max(1, width - LEFT - RIGHT);
  const x = (step) => LEFT + (step / steps) * wide;
  const svg = shape("svg", { width, height: high + below, "aria-hidden": "true" });
  const middle = (step) => x(step + 0.5);
  const room = (ticks) => ticks.length < 2 || x(ticks[1][0]) - x(ticks[0][0]) >= 64;
  for (const [step, label] of axis.ticks.find(room) ?? []) {
    if (middle(step) > width - 24) continue;
    svg.append(shape("text", { class: "tick", x: middle(step), y: high + 15, "text-anchor": "middle" }, label));
  }
  const stepAt = (left) => ((left - LEFT) / wide) * steps;
  return { svg, x, middle, stepAt, steps, high };
}

/** Shade the steps that are not settled. */
function shade(plot, axis, width, high) {
  const left = plot.x(axis.unsettled);
  const wide = width - RIGHT - left;
  plot.svg.prepend(shape("rect", { class: "unsettled", x: left, y: 0, width: wide, height: high }));
  const label = { class: "tick halo", x: left + 6, y: high - 6 };
  if (wide > 96) plot.svg.append(shape("text", label, "not settled yet"));
}

/** Runs of points without a gap between their steps. */
function runs(points) {
  const found = [];
  for (const point of points) {
    const last = found.at(-1);
    if (last && last.at(-1)[0] === point[0] - 1) last.push(point);
    else found.push([point]);
  }
  return found;
}

function drawRun(plot, run, y) {
  const at = (place) => (point) => `${plot.middle(point[0])},${y(point[place])}`;
  if (run.length === 1) {
    const [[step, rate, low, high]] = run;
    const x = plot.middle(step);
    plot.svg.append(
      shape("line", { class: "alone", x1: x, x2: x, y1: y(low), y2: y(high) }),
      shape("circle", { class: "dot", cx: x, cy: y(rate), r: 3 }),
    );
    return;
  }
  const band = [...run.map(at(3)), ...run.map(at(2)).reverse()];
  plot.svg.append(
    shape("polygon", { class: "band", points: band.join(" ") }),
    shape("polyline", { class: "line", points: run.map(at(1)).join(" ") }),
  );
}

/** Let an axis be read and brushed: `actions.read` is told a step's words, `actions.brush` edges. */
function brushed(plot, axis, words, label, key, actions) {
  const chosen = shape("rect", { class: "chosen", y: 0, height: plot.high, width: 0 });
  plot.svg.append(chosen);
  const last = plot.steps - 1;
  const state = { step: null, from: null, to: null, begun: null };
  const say = (step) => words.get(step) ?? "no messages";
  const inside = (step) => Math.min(Math.max(Math.floor(step), 0), last);

  const element = tag("div", {
    class: `axis ${key}`,
    tabindex: 0,
    role: "slider",
    "data-key": key,
    "aria-label": `${label}. Arrow keys read, with Shift they select; Enter narrows, Escape widens.`,
    "aria-valuemin": 0,
    "aria-valuemax": last,
    "aria-valuenow": 0,
    "aria-valuetext": say(0),
    onkeydown: keyPressed,
    onpointerdown: pointerDown,
    onpointermove: pointerMoved,
    onpointerup: pointerUp,
    onpointercancel: () => mark(null, null),
    onpointerleave: () => state.begun === null && actions.read(""),
    onblur: () => (mark(null, null), actions.read("")),
  });
  element.append(plot.svg);

  function mark(from, to) {
    Object.assign(state, { from, to, begun: from === null ? null : state.begun });
    if (from === null) return chosen.setAttribute("width", 0);
    chosen.setAttribute("x", plot.x(from));
    chosen.setAttribute("width", Math.max(1, plot.x(to) - plot.x(from)));
  }

  function read(step) {
    element.setAttribute("aria-valuenow", step);
    element.setAttribute("aria-valuetext", say(step));
    actions.read(say(step));
  }

  function narrow() {
    const [from, to] = [state.from, state.to];
    mark(null, null);
    actions.brush(axis.edges[from], axis.edges[to]);
  }

  function keyPressed(event) {
    const leaps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -7, PageDown: 7, Home: -last, End: last };
    const now = state.step ?? inside(axis.brush?.[0] ?? 0);
    if (event.key in leaps) {
      const step = state.step === null && !event.shiftKey ? now : inside(now + leaps[event.key]);
      if (event.shiftKey) state.begun ??= now;
      else state.begun = null;
      const begun = state.begun ?? step;
      state.step = step;
      mark(Math.min(begun, step), Math.max(begun, step) + 1);
      read(step);
    } else if (event.key === "Enter" && state.from !== null) narrow();
    else if (event.key === "Escape" && state.from !== null) mark(null, null);
    else if (event.key === "Escape") actions.brush(null, null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  const place = (event) => plot.stepAt(event.clientX - plot.svg.getBoundingClientRect().left);

  function pointerDown(event) {
    if (event.button) return;
    element.setPointerCapture(event.pointerId);
    const at = place(event);
    state.drag = drag(axis.brush, at, (7 / (plot.x(1) - plot.x(0))), plot.steps);
    mark(inside(at), inside(at) + 1);
  }

  function pointerMoved(event) {
    const at = place(event);
    if (state.drag) mark(...state.drag(at));
    read(inside(at));
  }

  function pointerUp() {
    if (!state.drag) return;
    state.drag = null;
    if (state.from !== null) narrow();
  }

  return element;
}

/** What a drag selects: by an edge of the window it resizes, within it moves, elsewhere begins. */
function drag(brush, begun, near, steps) {
  const ordered = (one, other) => [Math.min(one, other), Math.max(one, other)];
  const bounded = (step) => Math.min(Math.max(step, 0), steps);
  const anew = (at) => {
    const [from, to] = ordered(Math.floor(begun), Math.floor(at));
    return [bounded(Math.min(from, steps - 1)), bounded(Math.max(to + 1, 1))];
  };
  if (!brush) return anew;
  const [left, right] = brush.map(Math.round);
  const resize = (fixed) => (at) => {
    const [from, to] = ordered(fixed, bounded(Math.round(at)));
    return from < to ? [from, to] : [Math.min(from, steps - 1), Math.min(from, steps - 1) + 1];
  };
  if (Math.abs(begun - brush[0]) < near) return resize(right);
  if (Math.abs(begun - brush[1]) < near) return resize(left);
  if (begun < brush[0] || begun > brush[1] || right - left >= steps) return anew;
  return (at) => {
    const by = Math.min(Math.max(Math.round(at - begun), -left), steps - right);
    return by ? [left + by, Math.max(right, left + 1) + by] : anew(at);
  };
}
