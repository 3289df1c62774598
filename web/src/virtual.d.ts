declare module "virtual:lumen-core" {
  /** The address of the core, deflated. */
  const url: string;
  export default url;
}

declare module "virtual:lumen-documents" {
  export const looks: readonly { name: string; help: string; config: string }[];
  /** The macros of docs/lumen_macros.cfg. */
  export const macros: string;
}

declare module "*.css";
