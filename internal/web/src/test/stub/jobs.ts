// The targets of the made-up posts, and what a person has done to them.
import type { Job, JobDetail } from '../../services/jobs'
import { gone, json, type Reply } from './reply.ts'
import { sampleTimeline } from './samples.ts'
import type { Stub } from './server.ts'

function jobOf(w: Stub, id: string): Job | undefined {
  return w.posts.flatMap((p) => p.jobs).find((j) => j.id === id)
}

export function readJob(w: Stub, id: string, verb: string): Reply {
  const found = jobOf(w, id)
  if (!found) return gone()
  if (verb === 'metrics') return json(w.report)
  if (verb === 'candidates') {
    return json({
      items: [
        {
          external_id: '200_71',
          permalink: 'https://www.facebook.com/200/posts/71',
          text: found.text,
          created_at: new Date(Date.now() - 240_000).toISOString(),
        },
      ],
    })
  }
  const detail: JobDetail = { ...found, timeline: sampleTimeline(found) }
  return json(detail)
}

export function editText(w: Stub, id: string, text: string): Reply {
  const found = jobOf(w, id)
  if (!found) return gone()
  found.text = text
  found.updated_at = new Date().toISOString()
  return json(found)
}

export function command(w: Stub, id: string, verb: string, body: unknown): Reply {
  const found = jobOf(w, id)
  if (!found) return gone()
  if (verb === 'comments') return json({ found: w.comments.length })
  const there = (body as { outcome?: string } | undefined)?.outcome === 'there'
  found.state = verb === 'cancel' ? 'cancelled' : there ? 'published' : 'queued'
  delete found.problem
  found.updated_at = new Date().toISOString()
  const owner = w.posts.find((p) => p.jobs.includes(found))
  if (owner) owner.state = verb === 'cancel' ? 'cancelled' : there ? 'published' : 'publishing'
  return verb === 'delete' ? { status: 204 } : json(found, verb === 'retry' ? 202 : 200)
}
