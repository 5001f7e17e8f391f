// What the platforms would refuse, in short.
import { textLength } from '../../compose/count.ts'
import { kindFor } from '../../compose/kinds.ts'
import { satisfies, schemaNow, settled } from '../../compose/options.ts'
import type { PostInput } from '../../services/posts'
import type { FieldProblem } from '../../services/problem'
import { accountKind } from './accounts.ts'
import type { Stub } from './server.ts'

export function check(w: Stub, body: PostInput): FieldProblem[] {
  const media = (body.media ?? []).map(
    (m) => w.library.files.find((f) => f.id === m.id) ?? { type: 'image/jpeg', bytes: 1 },
  )
  return body.targets.flatMap((t, i) => {
    const account = accountKind(w, t.connection_id)
    const kind = account && kindFor(account, { media, link: body.link ?? '' }, t.kind)
    if (!account || !kind) return []
    const found: FieldProblem[] = []
    const add = (field: string, message: string, rule = kind.source) =>
      found.push({ field, connection_id: t.connection_id, message, rule })
    const text = t.text ?? body.text
    const target = `targets[${String(i)}]`
    const max = kind.text.max
    if (max > 0 && textLength(text, kind.text) > max)
      add(`${target}.text`, `The text is longer than ${max.toLocaleString('en')} characters.`)
    if (kind.text.required && text.trim() === '') add(`${target}.text`, `A ${kind.title} post needs a text.`)
    if (body.link && !kind.link)
      add('link', `A ${kind.title} post on ${account.title} takes no link of its own.`)
    if (media.length < kind.media.min)
      add(
        `${target}.media`,
        media.length === 0 && kind.media.min === 1
          ? `${account.title.split(' ')[0] ?? ''} needs at least one photo.`
          : 'More files are needed.',
      )
    if (kind.options) {
      const given = t.options ?? {}
      const now = schemaNow(kind.options, given)
      const missing = (now.required ?? []).filter((name) => given[name] === undefined)
      for (const name of missing) add(`${target}.options.${name}`, 'This is needed.')
      const schema = { ...kind.options, required: [] }
      if (missing.length === 0 && !satisfies(schema, settled(kind.options, given)))
        add(`${target}.options`, 'What was chosen does not go together.')
    }
    return found
  })
}
