// The explorer: draws the view that Python describes, and sends back what was clicked.

function render({ model, el }) {
  const live = tag("div", { class: "unseen", role: "status" });
  const body = tag("div");
  const root = tag("div", { class: "dlr-explorer", role: "region", "aria-label": "Delivery explorer" }, live, body);
  el.append(root);

  const send = (message) => {
    root.setAttribute("aria-busy", "true");
    model.send(message);
  };
  let width = 0;

  function draw() {
    const focused = root.contains(document.activeElement) && document.activeElement.dataset.key;
    const view = model.get("_view");
    body.replaceChildren(...drawn(view, width, send));
    // JupyterLab would take the keys for its own: D D deletes a cell. Its bindings are for the
    // element that has the focus, so that the mark is of no use on one around it.
    for (const one of body.querySelectorAll("button, [tabindex]")) one.dataset.lmSuppressShortcuts = "true";
    if (focused) body.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    root.removeAttribute("aria-busy");
  }

  function changed() {
    draw();
    const { headline, error } = model.get("_view");
    live.textContent = error || [headline.share, headline.text, headline.interval].join(" ");
  }

  const sized = new ResizeObserver(([entry]) => {
    const now = Math.floor(entry.contentRect.width);
    if (now === width || now === 0) return;
    width = now;
    draw();
  });
  sized.observe(body);
  model.on("change:_view", changed);
  return () => {
    sized.disconnect();
    model.off("change:_view", changed);
  };
}

/** All elements of a view. */
function drawn(view, width, send) {
  const readout = tag("div", { class: "readout", "aria-hidden": "true" });
  const actions = {
    read: (words) => (readout.textContent = words),
    brush: (since, until) => send({ click: "brush", since, until }),
  };
  return [
    head(view, send),
    view.error ? tag("p", { class: "error", role: "alert" }, view.error) : null,
    tag("div", { class: "caption" }, tag("span", {}, view.caption), readout),
    view.course && width ? courseAxis(view.course, width, actions) : null,
    view.overview && width ? overviewAxis(view.overview, width, actions) : null,
    tag("div", { class: "columns" }, view.dimensions.map((one) => column(one, send))),
    code(view.code),
  ].filter((element) => element !== null);
}

/** The headline with its interval and bounds, and the chips of what is selected. */
function head({ headline, chips }, send) {
  const note = (label, text) => text && tag("span", { class: "note" }, label, text);
  const reset = { class: "reset", "data-key": "reset", disabled: chips.length === 0 };
  return tag(
    "div",
    { class: "head" },
    tag("span", { class: "finding" }, tag("b", {}, headline.share), ` ${headline.text}`),
    note("95% interval ", headline.interval),
    note("", headline.bounds),
    tag("button", { ...reset, onclick: () => send({ click: "clear" }) }, "Reset"),
    chips.length ? tag("div", { class: "chips", role: "group", "aria-label": "Selections" }, chips.map((one) => chip(one, send))) : null,
  );
}

function chip({ lift, label }, send) {
  const lifts = lift ? { click: "lift", name: lift } : { click: "brush" };
  return tag(
    "button",
    { class: "chip", "data-key": `chip ${lift}`, "aria-label": `Lift ${label}`, onclick: () => send(lifts) },
    tag("span", {}, label),
    tag("span", { "aria-hidden": "true" }, "×"),
  );
}

/** The values of a dimension: a click selects one, with Shift or Ctrl one more. */
function column({ name, title, measure, rows, more, expanded }, send) {
  const toggle = (number) => (event) =>
    send({ click: "value", name, number, add: event.shiftKey || event.ctrlKey || event.metaKey });
  const digits = Math.max(3, ...rows.map((row) => row.count.length));
  const expand = { class: "more", "data-key": `more ${name}`, onclick: () => send({ click: "expand", name }) };
  return tag(
    "div",
    { class: "column", role: "group", "aria-label": title, style: `--count:${digits}ch` },
    tag("div", { class: "title" }, tag("b", {}, title), tag("span", {}, measure)),
    rows.map((row) =>
      tag(
        "button",
        {
          class: "row",
          "data-key": `${name} ${row.number}`,
          "aria-pressed": String(row.on),
          "aria-label": `${row.label}: ${row.words}`,
          title: `${row.label}: ${row.words}`,
          onclick: toggle(row.number),
        },
        tag("span", { class: "label" }, row.label),
        tag("span", { class: "track" }, tag("span", { class: "bar", style: `width:${100 * row.bar}%`, hidden: row.bar === 0 })),
        tag("span", { class: "count" }, row.count),
        tag("span", { class: "rate" }, row.rate),
      ),
    ),
    rows.length ? null : tag("p", { class: "none" }, "none"),
    more || expanded ? tag("button", expand, expanded ? "Fewer" : `${more.toLocaleString("en")} more`) : null,
  );
}

/** The code of what is shown, with a button that copies it. */
function code(text) {
  const written = tag("code", {}, text);
  const button = tag("button", { class: "copy", "data-key": "copy", onclick: copied }, "Copy");
  async function copied() {
    await copy(text, written);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  }
  return tag("div", { class: "code" }, tag("pre", { tabindex: 0, "aria-label": "Code of what is shown" }, written), button);
}

export default { render };
