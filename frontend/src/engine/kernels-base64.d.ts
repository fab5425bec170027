declare module "kernels:base64" {
  const base64: string;
  export default base64;
}
