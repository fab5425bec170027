/** Play, pause, single steps, reset and speed: the row of buttons that every moving view has. */
import { button, row, select, toggle } from "./controls";
import type { ViewHost } from "./element";
import { t } from "./strings";

interface PlayerOptions {
  /** Buttons that do one thing each and stop the film first: [label, press, title]. */
  steps?: [string, () => void, string?][];
  /** Left out where there is no way back to the start. */
  reset?: () => void;
  /** Speeds to choose from, in the view's own unit, with what the reader sees: {"1": "1 step a frame"}. */
  speeds?: Record<string, string>;
  speed?: string;
  autoplay?: boolean;
  /** Called when play begins or ends. */
  toggled?: (playing: boolean) => void;
}

export interface Player {
  el: HTMLElement;
  /** Play and pause; a view may lay it on its picture instead. */
  main: HTMLButtonElement;
  /** The screen for the widget alone, for a projector; false where the browser does not lend it. */
  screen: HTMLElement | false;
  play(on: boolean): void;
  /** The chosen speed's key as a number. */
  readonly speed: number;
  /** One of the speeds on offer; nothing happens for another. */
  setSpeed(speed: number): void;
}

/** From this width on a widget is a page's main thing: full screen is offered. */
const WIDE = 900;

function fullScreen(host: ViewHost): HTMLElement | false {
  if (!document.fullscreenEnabled) return false;
  const element = (host.root.getRootNode() as ShadowRoot).host;
  const { el, set } = toggle(t("Full screen"), false, (on) => {
    if (on) element.requestFullscreen().catch(() => set(false));
    else void document.exitFullscreen();
  });
  element.addEventListener("fullscreenchange", () => set(document.fullscreenElement === element));
  return el;
}

export function player(host: ViewHost, o: PlayerOptions): Player {
  let speed = +(o.speed ?? 1);
  const main = button("", () => play(!host.running), { className: "main" });
  const show = () => {
    main.textContent = host.running ? "❚❚ " + t("Pause") : "▶ " + t("Play");
  };
  const play = (on: boolean) => {
    if (on !== host.running) {
      host.run(on);
      o.toggled?.(on);
    }
    show();
  };
  const single = (press: () => void) => () => {
    play(false);
    press();
    host.changed();
  };
  const speeds = o.speeds && select(t("Speed"), o.speeds, String(speed), (v) => {
    speed = +v;
    host.changed();
  });
  const screen = fullScreen(host);
  show();
  if (o.autoplay && !host.reducedMotion) queueMicrotask(() => play(true));
  return {
    el: row(main, ...(o.steps ?? []).map(([label, press, title]) =>
      button(label, single(press), title ? { title } : {})),
      o.reset && button(t("Reset"), single(o.reset)), speeds?.el,
      host.root.clientWidth >= WIDE && screen),
    main,
    screen,
    play,
    get speed() { return speed; },
    setSpeed: (v) => {
      if (!Object.hasOwn(o.speeds ?? {}, v)) return;
      speed = v;
      speeds?.set(String(v));
    },
  };
}
