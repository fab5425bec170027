/** The book's script: registers <gan-lab>. Loaded once a page by <script defer>, works from a folder too. */
import "./views/all";
import { register } from "./ui/element";

register();
