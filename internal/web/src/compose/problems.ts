import type { FieldProblem } from '@/services/problem'
import { optionOfRule } from './options'

/** A post's problems, sorted to where a person reads them. */
export interface PostProblems {
  text: FieldProblem[]
  link: FieldProblem[]
  when: FieldProblem[]
  targets: FieldProblem[] // about the choice of accounts as a whole
  media: FieldProblem[] // about the files as a whole
  file: Map<number, FieldProblem[]> // by position
  target: Map<string, FieldProblem[]> // by connection id: whatever only that account refuses
  other: FieldProblem[] // a field this page does not have
}

/** Sorts problems by field. ids are the connections in the order in which they were sent as targets. */
export function sortProblems(problems: FieldProblem[], ids: string[]): PostProblems {
  const sorted: PostProblems = {
    text: [],
    link: [],
    when: [],
    targets: [],
    media: [],
    file: new Map(),
    target: new Map(),
    other: [],
  }
  for (const problem of problems) {
    const field = problem.field.replace(/^body\./, '')
    const target = /^targets\[(\d+)\]/.exec(field)
    const id = problem.connection_id ?? (target ? ids[Number(target[1])] : undefined)
    if (id !== undefined) {
      push(sorted.target, id, problem)
      continue
    }
    const file = /^media\[(\d+)\]/.exec(field)
    if (file) push(sorted.file, Number(file[1]), problem)
    else if (field === 'media') sorted.media.push(problem)
    else if (field === 'text') sorted.text.push(problem)
    else if (field === 'link') sorted.link.push(problem)
    else if (field === 'publish_at') sorted.when.push(problem)
    else if (field.startsWith('targets')) sorted.targets.push(problem)
    else sorted.other.push(problem)
  }
  return sorted
}

/**
 * A target's problems that belong to a field of its options, and the others. names are the fields that are shown. What is
 * said of several options together belongs to the one that the rule of the schema looks at.
 */
export function optionErrors(
  problems: FieldProblem[],
  names: string[],
  schema?: unknown,
): { errors: Map<string, string>; others: FieldProblem[] } {
  const errors = new Map<string, string>()
  const others: FieldProblem[] = []
  for (const problem of problems) {
    const name = problem.field.endsWith('.options')
      ? optionOfRule(schema, problem.message)
      : /\.options\.(\w+)/.exec(problem.field)?.[1]
    if (name === undefined || !names.includes(name)) others.push(problem)
    else errors.set(name, [errors.get(name), problem.message].filter(Boolean).join(' '))
  }
  return { errors, others }
}

function push<K>(map: Map<K, FieldProblem[]>, key: K, problem: FieldProblem) {
  map.set(key, [...(map.get(key) ?? []), problem])
}
