import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const platform = 'http://127.0.0.1:7700'

export default defineConfig({
  // Relative, so that the console also works behind a proxy that serves it under a path of its own.
  base: './',
  plugins: [react()],
  build: { outDir: '../dist/console', emptyOutDir: true, target: 'es2023', assetsInlineLimit: 0 },
  server: { proxy: { '/api': platform, '/openapi.json': platform } },
})
