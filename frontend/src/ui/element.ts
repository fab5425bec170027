/**
 * The custom element <gan-lab view="..."> and the little framework under every view: a view is mounted into a shadow
 * root, told to draw when its size, theme or state changes, and given frames only while the reader can see it.
 */
import { h } from "./dom";
import { load, VIEWS } from "./load";
import { colours, watchTheme, type Colours } from "./palette";
import { linked, readState, writeState, type State } from "./permalink";
import { t } from "./strings";
import css from "./style.css";

export type Options = Record<string, any>;

export interface View {
  /** The present state in one or two sentences, for those who do not see the picture. */
  describe(): string;
  /** What the address must say to bring this state back: only what differs from the options, flat. */
  state(): State;
  draw(): void;
  /** One animation frame while running and visible; `ms` since the last. False: nothing changed, no need to draw. */
  frame?(ms: number): boolean | void;
  /** The address changed under the view. */
  restore?(state: State): void;
  /** What an exercise of the page asks for, as it stands now; undefined where the picture does not show it. */
  read?(what: string): number | string | undefined;
  /** A message of the Python kernel. */
  receive?(message: any, buffers: DataView[]): void;
  destroy?(): void;
}

export interface ViewHost {
  /** Put everything in here. */
  readonly root: HTMLElement;
  readonly options: Options;
  /** The widget's name in the address. */
  readonly id: string;
  /** What the address said when the page was opened. */
  readonly saved: State | null;
  readonly reducedMotion: boolean;
  colours(): Colours;
  /**
   * The reader changed something: draw at the next frame, describe, and (unless `quiet`) keep the state in the address.
   */
  changed(quiet?: boolean): void;
  /** Ask for frames, or for no more. */
  run(on: boolean): void;
  readonly running: boolean;
  /** To the Python kernel, where there is one: then there is no address to keep a state in. */
  send?(message: unknown): void;
}

type Mount = (host: ViewHost) => View;
const views = new Map<string, Mount>();

/** Makes `<gan-lab view=name>` work. */
export function defineView(name: string, mount: Mount): void {
  views.set(name, mount);
}

let sheet: CSSStyleSheet | undefined;

function sharedSheet(): CSSStyleSheet {
  if (!sheet) (sheet = new CSSStyleSheet()).replaceSync(css);
  return sheet;
}

/** What one view wears beside the shared sheet; no style element, which a strict site would refuse. */
export function wear(host: ViewHost, css: string): void {
  const own = new CSSStyleSheet();
  own.replaceSync(css);
  (host.root.getRootNode() as ShadowRoot).adoptedStyleSheets.push(own);
}

/** Attributes and a JSON child as one object; what is no JSON is a string; `hidden-units` becomes hiddenUnits. */
function readOptions(element: HTMLElement): Options {
  const options: Options = {};
  const json = element.querySelector('script[type="application/json"]')?.textContent;
  if (json) Object.assign(options, JSON.parse(json));
  for (const { name, value } of element.attributes) {
    if (/^(view|id|class|style|role|aria-.*)$/.test(name)) continue;
    let parsed: unknown = value || true;
    try {
      parsed = JSON.parse(value);
    } catch { /* a word */ }
    options[name.replace(/-(.)/g, (_, letter) => letter.toUpperCase())] = parsed;
  }
  return options;
}

const used = new Map<string, GanLabElement>();

/** The element's own id, else the view's name; a second one on the page gets a number. */
function claimId(wanted: string, element: GanLabElement): string {
  let id = wanted;
  for (let n = 2; used.get(id)?.isConnected && used.get(id) !== element; n++) id = wanted + n;
  used.set(id, element);
  return id;
}

/** Ends what the last link began. */
let leave = (): void => {};

/**
 * Brings the widget that a link is about into sight, and keeps it there while the page above it still grows, for some
 * seconds or until the reader moves.
 */
function arrive(element: HTMLElement): void {
  leave();
  const place = new ResizeObserver(() => element.scrollIntoView({ block: "start", behavior: "instant" }));
  const stop = (leave = () => place.disconnect());
  place.observe(document.body);
  for (const moved of ["wheel", "pointerdown", "keydown"]) addEventListener(moved, stop, { once: true, passive: true });
  setTimeout(stop, 4000);
}

/** Opened by its address; a page gone back to, or loaded again, is where the reader left it. */
const opened = (): boolean =>
  (performance.getEntriesByType("navigation")[0] as PerformanceNavigationTiming | undefined)?.type === "navigate";

const DESCRIBE_EVERY = 6000;
const REDUCED_FRAME = 700;

export class GanLabElement extends HTMLElement {
  /** Set before the element is put into the page where attributes will not do (the kernel's side). */
  options?: Options;
  send?: (message: unknown) => void;
  /** Where the state is kept when not in the page's address, and what was kept there. */
  keep?: (state: State) => void;
  saved?: State | null;
  view?: View;
  private stop: (() => void)[] = [];

  connectedCallback(): void {
    const name = this.getAttribute("view") ?? "";
    // in the notebooks' module all views are there already
    if (views.has(name)) this.show();
    else load(name).then(() => this.show(), (error) => this.fail(error));
  }

  private show(): void {
    // the scripts took their time: the element may be gone by now, or be shown already
    if (!this.isConnected || this.view) return;
    const shadow = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [sharedSheet()];
    const root = h("div", { className: "root" });
    shadow.replaceChildren(root);
    try {
      this.mount(root, shadow);
    } catch (error) {
      this.fail(error as Error);
    }
  }

  /** One sentence, and below it what the page says where no script runs. */
  private fail(error: Error): void {
    console.warn(error);
    const shadow = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [sharedSheet()];
    shadow.replaceChildren(h("p", { className: "problem", role: "alert" }, error.message), h("slot"));
  }

  disconnectedCallback(): void {
    for (const undo of this.stop.splice(0)) undo();
    this.view?.destroy?.();
    this.view = undefined;
  }

  private mount(root: HTMLElement, shadow: ShadowRoot): void {
    const name = this.getAttribute("view") ?? "";
    const mount = views.get(name);
    if (!mount) throw new Error(t("There is no view “{0}”; there are {1}.", name, VIEWS.join(", ")));
    const options = { ...readOptions(this), ...this.options };
    const id = claimId(this.id || name, this);
    const live = h("p", { className: "off", "aria-live": "polite" });
    const media = matchMedia("(prefers-reduced-motion: reduce)"), film = this.frames(live, media);
    let saveTimer = 0;
    const keep = this.keep ?? ((state: State) => writeState(id, state));
    const host: ViewHost = {
      root, options, id, colours, saved: (this.keep ? this.saved : readState(id)) ?? options.saved ?? null,
      reducedMotion: media.matches, send: this.send,
      get running() { return film.running; },
      changed: (quiet) => {
        film.redraw();
        clearTimeout(saveTimer);
        if (!quiet) saveTimer = window.setTimeout(() => this.view && keep(this.view.state()), 400);
      },
      run: film.run,
    };
    const paint = () => {
      const now = colours();
      for (const [actor, colour] of Object.entries(now)) root.style.setProperty("--" + actor, colour);
      film.redraw();
    };
    this.view = mount(host);
    shadow.append(live);
    paint();
    this.watch(root, id, paint, film);
    this.stop.push(film.stop, () => clearTimeout(saveTimer));
    if (!this.keep && linked() === id && opened()) arrive(this);
  }

  /** Frames while the view runs and is seen; otherwise one whenever something has changed. */
  private frames(live: HTMLElement, media: MediaQueryList) {
    let seen = true, running = false, request = 0, dirty = true, last = 0, drawn = 0, described = 0;
    const describe = () => {
      described = performance.now();
      const words = this.view!.describe();
      if (live.textContent !== words) live.textContent = words;
    };
    const frame = (now: number) => {
      request = 0;
      if (!this.view) return;
      if (running && !(media.matches && now - drawn < REDUCED_FRAME)) {
        // A frame that comes late (another tab, a long task) must not be made up for by a burst.
        dirty = this.view.frame?.(Math.min(100, now - last)) !== false || dirty;
        drawn = now;
      }
      last = now;
      if (dirty) {
        dirty = false;
        this.view.draw();
      }
      // while nothing runs, every picture is described: a frame's own time may lie before the last description
      if (!running || now - described > DESCRIBE_EVERY) describe();
      if (running) wake();
    };
    const wake = () => {
      if (!request && seen && !document.hidden) request = requestAnimationFrame(frame);
    };
    const redraw = () => {
      dirty = true;
      wake();
    };
    return {
      get running() { return running; },
      redraw,
      run: (on: boolean) => {
        if (on && !running) last = performance.now();
        running = on;
        redraw();
      },
      /** Is the view in sight? Without an answer: as before, but the page may have come back. */
      sight: (visible = seen) => {
        seen = visible;
        last = performance.now();
        wake();
      },
      stop: () => cancelAnimationFrame(request),
    };
  }

  /** Whatever may change around the view: the page's colours, its address, its size, and whether it is seen. */
  private watch(root: HTMLElement, id: string, paint: () => void, film: ReturnType<GanLabElement["frames"]>): void {
    const on = (target: EventTarget, type: string, listener: () => void) => {
      target.addEventListener(type, listener);
      this.stop.push(() => target.removeEventListener(type, listener));
    };
    // what is printed is the present picture, in the colours of paper; a frame would come too late
    for (const type of ["beforeprint", "afterprint"]) {
      on(window, type, () => {
        paint();
        this.view?.draw();
      });
    }
    on(document, "visibilitychange", () => film.sight());
    on(window, "hashchange", () => {
      const state = !this.keep && readState(id);
      if (state) this.view?.restore?.(state);
      if (state && linked() === id) arrive(this);
    });
    const place = new IntersectionObserver((entries) => film.sight(entries[entries.length - 1]!.isIntersecting));
    place.observe(this);
    const size = new ResizeObserver(film.redraw);
    size.observe(root);
    on(root, "resized", film.redraw);
    this.stop.push(watchTheme(paint), () => place.disconnect(), () => size.disconnect());
  }
}

/** Registers the element; a second copy of the script on a page (several cells of a notebook) does nothing. */
export function register(): void {
  if (!customElements.get("gan-lab")) customElements.define("gan-lab", GanLabElement);
}
