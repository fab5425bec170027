/** What views ask of a page while they are loaded, for tests that run them in Node: nothing is drawn. */
const page = globalThis as unknown as Record<string, unknown>;
/** Whatever is asked of it, called or not, is there and does nothing. */
const blank = (known: object = {}): unknown => new Proxy(Object.assign(() => undefined, known), {
  get: (has, key) => (key in known ? Reflect.get(has, key) : key === Symbol.toPrimitive ? () => "" : blank()),
  apply: () => blank(),
});
page.HTMLElement ??= class {};
page.CSSStyleSheet ??= class {};
page.customElements ??= { get: () => undefined, define: () => undefined };
page.addEventListener ??= () => undefined;
page.document ??= blank({ documentElement: { lang: "en" } });

export {};
