// How made-up accounts did, and what happened to them.
import type { AuditEntry, Connection, HealthLine } from '../../services/connections'

const hour = 3_600_000

/** Two days of pings; one of a blocked account ends with refusals. */
export function sampleHealth(c: Connection, now: Date): HealthLine[] {
  return Array.from({ length: 48 }, (_, i) => {
    const at = new Date(now.getTime() - i * hour - 600_000).toISOString()
    const latency_ms = 120 + ((i * 37) % 90) + (i === 20 ? 900 : 0)
    if (c.status === 'blocked' && i < 3) {
      return {
        at,
        ok: false,
        latency_ms,
        class: 'auth_revoked',
        words: 'The platform says that the access was taken back.',
      }
    }
    if (i === 20)
      return { at, ok: false, latency_ms, class: 'platform_down', words: 'The platform did not work.' }
    return { at, ok: true, latency_ms, words: 'It worked.' }
  })
}

/** The newest lines of an account's audit trail. */
export function sampleTrail(connectionId: string, now: Date): AuditEntry[] {
  const line = (hours: number, kind: string, message: string): AuditEntry => ({
    id: `aud_${kind}`,
    at: new Date(now.getTime() - hours * hour).toISOString(),
    kind,
    message,
    connection_id: connectionId,
  })
  return [
    line(3, 'published', 'Published.'),
    line(30, 'renewed', 'The access was renewed.'),
    line(200, 'linked', 'The account was linked.'),
  ]
}
