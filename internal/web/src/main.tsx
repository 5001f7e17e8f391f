import '@mantine/core/styles.css'
import '@mantine/dates/styles.css'
import '@mantine/notifications/styles.css'
import './theme/global.css'
import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { setNonce } from 'get-nonce'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { readConfig } from './config'
import { askToSignIn, makeRouter } from './router'
import { whenSignedOut } from './services/client'
import { Problem } from './services/problem'
import { theme, variables } from './theme/theme'

const config = readConfig()
setNonce(config.style_nonce) // for the scroll lock behind dialogs, which makes a style element of its own

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5000,
      // An answer that says no stays a no; only silence and failures are asked again.
      retry: (failures, error) => failures < 2 && !(error instanceof Problem && error.status < 500),
    },
  },
})
// A platform may add a fragment to the address it sends the browser back to ("#_=_"); no page of ours has one.
if (location.hash) history.replaceState(history.state, '', location.pathname + location.search)
const router = makeRouter(queryClient)

whenSignedOut(() => {
  askToSignIn(router, queryClient)
})

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={variables}
        defaultColorScheme="auto"
        getStyleNonce={() => config.style_nonce}
      >
        <QueryClientProvider client={queryClient}>
          <Notifications position="top-center" />
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  )
}
