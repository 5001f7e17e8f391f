// Stands in for a package that is imported but never used: see vite.config.ts.
export default {}
