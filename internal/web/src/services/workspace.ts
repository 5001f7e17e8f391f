import { queryOptions } from '@tanstack/react-query'
import { api, take } from './client'
import type { components } from './schema'

export type Workspace = components['schemas']['Workspace']
export type PlatformFlag = components['schemas']['PlatformSwitch']

/** Which platforms the workspace has switched on. */
export const flagsQuery = queryOptions({
  queryKey: ['workspace', 'platforms'],
  queryFn: async ({ signal }) => (await take(api.GET('/v1/workspace/platforms', { signal }))).items,
})

export async function changeWorkspace(change: { name?: string; time_zone?: string }): Promise<Workspace> {
  return take(api.PATCH('/v1/workspace', { body: change }))
}

export async function switchPlatform(platform: string, on: boolean): Promise<void> {
  await take(api.PUT('/v1/workspace/platforms/{platform}', { params: { path: { platform } }, body: { on } }))
}
