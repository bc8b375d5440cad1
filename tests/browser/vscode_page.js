// What VS Code's Jupyter extension does to show a widget: its own widget manager (npm's
// @vscode/jupyter-ipywidgets8) on a kernel, and anywidget's script from the kernel's environment.
import { KernelManager, ServerConnection } from "@jupyterlab/services";
import { activate } from "@vscode/jupyter-ipywidgets8";

const scripts = {
  widgetsRegisteredInRequireJs: new Set(),
  async loadWidgetScript(name) {
    window.requirejs.config({ paths: { [name]: `/static/nbextensions/${name}/index` } });
    scripts.widgetsRegisteredInRequireJs.add(name);
  },
  successHandler() {},
  errorHandler(...what) {
    throw new Error(what.join(" "));
  },
};

async function show(manager, element, id) {
  const view = await manager.create_view(await manager.get_model(id));
  await manager.display_view({}, view, { node: element });
}

// Run code as a cell; what it printed, or its error.
window.startKernel = async () => {
  activate();
  window.vscIPyWidgets8.load();
  const baseUrl = `${window.location.origin}/`;
  const serverSettings = ServerConnection.makeSettings({ baseUrl, wsUrl: baseUrl.replace("http", "ws") });
  const kernel = await new KernelManager({ serverSettings }).startNew({ name: "python3" });
  const element = document.getElementById("output");
  const manager = new window.vscIPyWidgets.WidgetManager(kernel, element, scripts, () => {});
  window.runCell = async (code) => {
    const printed = [];
    const future = kernel.requestExecute({ code });
    future.onIOPub = ({ header, content }) => {
      if (header.msg_type === "stream") printed.push(content.text);
      if (header.msg_type === "error") printed.push(content.evalue);
      const widget = content.data?.["application/vnd.jupyter.widget-view+json"];
      if (widget) show(manager, element, widget.model_id);
    };
    await future.done;
    return printed.join("");
  };
};
