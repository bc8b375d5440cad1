async (id, figure) => {
  const place = document.getElementById(id);
  const packed = document.querySelector("script.dlr-plotly");
  if (!packed && !window.dlrPlotly) {
    place.textContent = "To show this chart here, run %load_ext dlr_analytics in a cell above it.";
    return;
  }
  const unpack = async () => {
    const bytes = Uint8Array.from(atob(packed.textContent), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const code = await new Response(stream).text();
    // Without the two names it does not register with a loader of modules that the page may have.
    new Function("module", "define", code)();
    return window.Plotly;
  };
  window.dlrPlotly ??= unpack();
  const plotly = await window.dlrPlotly;
  place.textContent = "";
  plotly.newPlot(place, figure.data, figure.layout, { ...figure.config, responsive: true });
}
