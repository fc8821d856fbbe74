// Svelte's own part; the rest is in vite.config.js.
export default {};
