/** The notebooks' module: the same views as an anywidget, with the Python kernel at the other end. */
import "./views/all";
import { GanLabElement, register } from "./ui/element";

interface Model {
  get(name: string): any;
  set(name: string, value: unknown): void;
  save_changes(): void;
  send(message: unknown): void;
  on(event: "msg:custom", listener: (message: any, buffers: DataView[]) => void): void;
  off(event: "msg:custom", listener: (message: any, buffers: DataView[]) => void): void;
}

function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  register();
  const element = document.createElement("gan-lab") as GanLabElement;
  element.setAttribute("view", model.get("view"));
  element.options = model.get("options");
  element.saved = model.get("state");
  element.keep = (state) => {
    model.set("state", state);
    model.save_changes();
  };
  element.send = (message) => model.send(message);
  const listen = (message: any, buffers: DataView[]) => element.view?.receive?.(message, buffers);
  model.on("msg:custom", listen);
  el.append(element);
  return () => {
    model.off("msg:custom", listen);
    element.remove();
  };
}

export default { render };
