/** A run as PyTorch, with gan_lab or without; a part of the playground, fetched when code is copied. */
import { asPlainTorch } from "../game/plain";
import { asTorch } from "../game/torch";
import { definePart } from "../ui/index";

const part = { asTorch, asPlainTorch };
definePart("torch", part);
export type AsTorch = typeof part;
