/* Search without a server: browsers start no Worker for a page that was opened as a file. Its script then
   runs in a hidden frame, which gets and sends the same messages. Material asks for a file of this name. */
if (location.protocol === "file:")
  window.Worker = class extends EventTarget {
    constructor(script) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.append(frame);
      this.inside = frame.contentWindow;
      this.inside.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      const tag = this.inside.document.createElement("script");
      this.loaded = new Promise((done, failed) => Object.assign(tag, { onload: done, onerror: failed }));
      tag.src = script;
      this.inside.document.body.append(tag);
    }
    async postMessage(data) {
      await this.loaded;
      this.inside.dispatchEvent(new MessageEvent("message", { data }));
    }
  };
