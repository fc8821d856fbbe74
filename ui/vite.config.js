// `vite build` makes the page of the window, `vite build --mode played` the same page with a played
// agent, for its tests; `vite --mode played` serves that one for development.

import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

import { packages } from './packages.js';

export default defineConfig(({ mode }) => ({
  base: './',
  plugins: [svelte(), ...(mode === 'played' ? [] : [packages('dist-packages.tsv')])],
  server: { fs: { allow: ['.', '../src-tauri/icons'] } },
  build: {
    // WebKitGTK of Debian 12, and the WebView2 of the same time.
    target: ['es2022', 'safari16.4', 'chrome111'],
    outDir: mode === 'played' ? 'dist-played' : 'dist',
    emptyOutDir: true,
    // The Content-Security-Policy refuses what stands in the page itself.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: mode === 'played' ? 'played.html' : 'index.html',
      // How long Sass takes is no warning.
      checks: { pluginTimings: false },
    },
  },
}));
