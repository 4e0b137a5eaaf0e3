import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import 'uplot/dist/uPlot.min.css'
import './styles/tokens.css'
import './styles/frame.css'
import './styles/parts.css'
import './styles/strips.css'
import './styles/quality.css'
import './styles/catalogue.css'
import './styles/api.css'
import './styles/lineage.css'
import './styles/runs.css'
import './styles/operations.css'
import { askAgain } from './api/reading.ts'
import { App } from './app.tsx'
import { applyTheme } from './theme.ts'

// Polling repeats by itself; a failed reading is shown at once, over what was read before. The platform often runs on
// this very machine, so it is asked also while the browser believes that it is offline.
const client = new QueryClient({
  defaultOptions: {
    queries: {
      ...{ retry: false, gcTime: 60_000, networkMode: 'always' },
      // What is read once, as it never changes, still has to be read where the platform was away.
      refetchInterval: ({ state }) => askAgain(state.error),
    },
  },
})

applyTheme()
createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
)
