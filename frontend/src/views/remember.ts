/**
 * What the reader has answered and predicted, kept in this browser and nowhere else; where the browser keeps nothing
 * (blocked, private, full), for as long as the page is open.
 */
import { h, t } from "../ui/index";

const KEY = "gan-lab-answers";
type Kept = Record<string, any>;

/** The two scripts that answer keep one book. */
const book = ((globalThis as any).ganLabAnswers ??= { kept: null }) as { kept: Kept | null };

function open(): Kept {
  if (!book.kept) {
    try {
      book.kept = JSON.parse(localStorage.getItem(KEY)!) ?? {};
    } catch { /* blocked, or not ours */ }
    if (typeof book.kept !== "object") book.kept = null;
  }
  return (book.kept ??= {});
}

function store(): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(open()));
  } catch { /* then it lives as long as the page */ }
}

export const recall = (name: string): any => open()[name];

export function remember(name: string, what: unknown): void {
  open()[name] = what;
  store();
}

/** All of them, or those of these names. */
export function forget(names: string[] = Object.keys(open())): void {
  for (const name of names) delete open()[name];
  store();
}

/** Says below the page's last question what is kept, and offers to forget it; once a page. */
export function mention(): void {
  const article = document.querySelector(".bd-article");
  if (!article || article.querySelector(".gl-kept")) return;
  const again = (names?: () => string[]) => () => {
    forget(names?.());
    location.reload();
  };
  const here = () => [...article.querySelectorAll<HTMLElement>("[data-exercise], [data-predict]")].map((one) =>
    one.dataset.exercise ?? one.dataset.predict!);
  const note = h("p", { className: "gl-kept" }, t("Your answers and predictions are kept in this browser only."), " ",
    h("button", { type: "button", onclick: again(here) }, t("Forget those of this page")), " ",
    h("button", { type: "button", onclick: again() }, t("Forget them all")));
  const last = [...article.querySelectorAll("[data-exercise], [data-predict]")].at(-1);
  (last?.closest("section") ?? article).append(note);
}
