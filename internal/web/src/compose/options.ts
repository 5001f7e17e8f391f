/** One field of a kind of post, read from its JSON Schema. */
export interface OptionField {
  name: string
  label: string
  help: string | undefined
  required: boolean
  type: 'switch' | 'choice' | 'number' | 'text'
  choices: string[]
  min: number | undefined
  max: number | undefined
  initial: unknown
}

/** The fields of a schema. A property of a shape the page cannot show is left out; the API still takes it. */
export function optionFields(schema: unknown): OptionField[] {
  if (!isObject(schema) || !isObject(schema.properties)) return []
  const required = Array.isArray(schema.required) ? schema.required : []
  return Object.entries(schema.properties).flatMap(([name, property]) => {
    if (!isObject(property)) return []
    const choices = Array.isArray(property.enum) ? property.enum.filter((v) => typeof v === 'string') : []
    const type = typeOf(property.type, choices)
    if (!type) return []
    return {
      name,
      label: text(property.title) ?? name.replaceAll('_', ' '),
      help: text(property.description),
      required: required.includes(name),
      type,
      choices,
      min: number(property.minimum),
      max: number(type === 'text' ? property.maxLength : property.maximum),
      initial: property.default,
    }
  })
}

function typeOf(type: unknown, choices: string[]): OptionField['type'] | null {
  if (choices.length > 0) return 'choice'
  if (type === 'boolean') return 'switch'
  if (type === 'integer' || type === 'number') return 'number'
  return type === 'string' ? 'text' : null
}

function isObject(v: unknown): v is Record<string, unknown> {
  return typeof v === 'object' && v !== null && !Array.isArray(v)
}

function text(v: unknown): string | undefined {
  return typeof v === 'string' && v !== '' ? v : undefined
}

function number(v: unknown): number | undefined {
  return typeof v === 'number' ? v : undefined
}
