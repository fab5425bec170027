/** Games of other systems than the plain GAN, each a closure over named networks: `createSystem(zoo.infogan, spec)`. */
export { conditional } from "./conditional";
export { cyclegan } from "./cyclegan";
export { infogan } from "./infogan";
