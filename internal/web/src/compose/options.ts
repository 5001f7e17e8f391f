import { Validator } from '@cfworker/json-schema'

/** A JSON Schema of an object, as far as the page looks into it. */
export interface Schema {
  [word: string]: unknown
  type?: string
  title?: string
  description?: string
  default?: unknown
  const?: unknown
  enum?: unknown[]
  oneOf?: Schema[]
  not?: Schema
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  allOf?: Schema[]
  if?: Schema
  then?: Schema
  else?: Schema
}

export type Options = Record<string, unknown>

/** One value that can be chosen. */
export interface Choice {
  value: string
  title: string
  off: boolean // it cannot be chosen together with what else is chosen
}

/** Whether a value satisfies a schema. It needs no `eval`, which the page's Content-Security-Policy forbids. */
export function satisfies(schema: object, value: unknown): boolean {
  return new Validator(schema, '2020-12').validate(value ?? {}).valid
}

/**
 * The properties that the options have now: those of the schema, changed by every branch of an if/then/else that holds. A
 * switch that only a branch fixes at false is left out: there is nothing to choose.
 */
export function schemaNow(schema: unknown, value: Options): Schema {
  const whole = (schema ?? {}) as Schema
  const base = whole.properties ?? {}
  const properties = structuredClone(base)
  const required = new Set(whole.required)
  for (const branch of branches(whole, value)) {
    for (const [name, change] of Object.entries(branch.properties ?? {})) {
      properties[name] = { ...properties[name], ...change }
      if (change.const === false && base[name] !== undefined && base[name].const !== false)
        Reflect.deleteProperty(properties, name)
    }
    for (const name of branch.required ?? []) required.add(name)
  }
  return {
    type: 'object',
    properties,
    required: [...required].filter((name) => name in properties),
  }
}

function branches(schema: Schema, value: Options): Schema[] {
  const own = schema.if ? (satisfies(schema.if, value) ? schema.then : schema.else) : undefined
  return [
    ...(own ? [own, ...branches(own, value)] : []),
    ...(schema.allOf ?? []).flatMap((s) => (s.if ? branches(s, value) : [s, ...branches(s, value)])),
  ]
}

/** The option that makes a rule hold, by the words of the rule: the one that its condition looks at. */
export function optionOfRule(schema: unknown, words: string): string | undefined {
  const { allOf = [], ...own } = (schema ?? {}) as Schema
  const found = [own as Schema, ...allOf].find(
    (s) => s.then?.description === words || s.else?.description === words,
  )
  return Object.keys(found?.if?.properties ?? {})[0]
}

/** What can be chosen for a property; undefined where it is not a choice. */
export function choicesOf(property: Schema): Choice[] | undefined {
  const listed = property.oneOf?.filter((o) => 'const' in o)
  const all =
    listed && listed.length > 0
      ? listed.map((o) => ({ value: o.const, title: o.title ?? String(o.const) }))
      : property.enum?.map((v) => ({ value: v, title: String(v) }))
  return all
    ?.filter((c) => typeof c.value === 'string')
    .map((c) => ({
      value: String(c.value),
      title: c.title,
      off: property.not ? satisfies(property.not, c.value) : false,
    }))
}

/** A sentence that a person agrees to; its value stands for the wording. */
export function isConsent(property: Schema): boolean {
  return property.type === 'string' && typeof property.const === 'string'
}

/**
 * The options without what is not offered: a choice that is gone, a switch that cannot be turned on, a consent to another
 * wording. Nothing is chosen in its place. What is required and has a default gets it.
 */
export function settled(schema: unknown, value: Options): Options {
  const closed = (schema as Schema | undefined)?.additionalProperties === false
  let kept = value
  // What goes may close a branch that others stood in; every round takes at least one away.
  for (;;) {
    const { properties = {} } = schemaNow(schema, kept)
    const next = Object.fromEntries(
      Object.entries(kept).filter(([name, v]) => {
        const property = properties[name]
        if (!property) return !closed
        if ('const' in property) return v === property.const
        const choices = choicesOf(property)
        return !choices || choices.some((c) => c.value === v)
      }),
    )
    if (Object.keys(next).length === Object.keys(kept).length) break
    kept = next
  }
  const { properties = {}, required = [] } = schemaNow(schema, kept)
  const given = required.filter((name) => kept[name] === undefined && properties[name]?.default !== undefined)
  return given.length === 0
    ? kept
    : { ...kept, ...Object.fromEntries(given.map((name) => [name, properties[name]?.default])) }
}

/** A sentence in pieces: words, and links written as in Markdown. Only https addresses become links. */
export function linked(sentence: string): { text: string; href?: string }[] {
  const parts: { text: string; href?: string }[] = []
  let from = 0
  for (const m of sentence.matchAll(/\[([^\]]+)\]\((https:\/\/[^\s)]+)\)/g)) {
    if (m.index > from) parts.push({ text: sentence.slice(from, m.index) })
    parts.push({ text: m[1] ?? '', href: m[2] ?? '' })
    from = m.index + m[0].length
  }
  if (from < sentence.length) parts.push({ text: sentence.slice(from) })
  return parts
}
