/** What views ask of a page while they are loaded, for tests that run them in Node: nothing is drawn. */
const page = globalThis as unknown as Record<string, unknown>;
page.HTMLElement ??= class {};
page.CSSStyleSheet ??= class {};
page.customElements ??= { get: () => undefined, define: () => undefined };
page.document ??= { documentElement: { lang: "en" } };
