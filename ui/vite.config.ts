import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte()],
  // `dist/.gitkeep` is committed (the window's build needs the folder); vite copies it back from
  // `public`
  build: {
    target: ["chrome111", "safari16.4"],
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // the tests mount components, so they need Svelte's browser half
  resolve: process.env["VITEST"] ? { conditions: ["browser"] } : {},
  test: { environment: "jsdom", include: ["src/**/*.test.ts", "lint/*.test.ts"], restoreMocks: true },
});
