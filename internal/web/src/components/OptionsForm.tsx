import { NumberInput, Select, Switch, TagsInput, Textarea, TextInput } from '@mantine/core'
import { withTheme } from '@rjsf/core'
import { Theme } from '@rjsf/mantine'
import type { BaseInputTemplateProps, RJSFSchema, UiSchema, ValidatorType, WidgetProps } from '@rjsf/utils'
import { useMemo } from 'react'
import {
  choicesOf,
  isConsent,
  satisfies,
  schemaNow,
  type Choice,
  type Options,
  type Schema,
} from '@/compose/options'
import { AnswerList } from './AnswerList'
import { ConsentBox } from './ConsentBox'

const Form = withTheme(Theme)

interface Props {
  id: string // of the target: two forms on one page need names of their own
  schema: unknown // a JSON Schema of an object, from the platform's Info
  value: Record<string, unknown>
  errors?: ReadonlyMap<string, string> // by name of the option
  onChange: (value: Record<string, unknown>) => void
}

// The renderer drops a change that makes more fields appear when it has defaults to fill in for them; so it gets them filled in.
const noDefaults = { emptyObjectFields: 'skipDefaults', arrayMinItems: { populate: 'never' } } as const

const none: ReadonlyMap<string, string> = new Map()

/** The fields only one kind of post on one platform has, made from its schema. */
export default function OptionsForm({ id, schema, value, errors = none, onChange }: Props) {
  const now = JSON.stringify(schemaNow(schema, value))
  const shape = useMemo(() => formOf(JSON.parse(now) as Schema), [now])
  return (
    <Form
      tagName="div" // it stands inside the composer's own form
      idPrefix={id}
      schema={shape.schema as RJSFSchema}
      uiSchema={shape.ui}
      formData={{ ...shape.defaults, ...value }}
      experimental_defaultFormStateBehavior={noDefaults}
      formContext={errors}
      validator={conditions}
      widgets={widgets}
      templates={templates}
      noValidate // Herald's check says what is wrong, for the page and the API alike
      onChange={({ formData }) => {
        const all = Object.entries((formData ?? {}) as Record<string, unknown>)
        onChange(Object.fromEntries(all.flatMap(([name, v]) => (isNothing(v) ? [] : [[name, full(v)]]))))
      }}
    >
      <></>
    </Form>
  )
}

/** A list with a least length arrives with holes. */
function full(v: unknown): unknown {
  return Array.isArray(v) ? v.filter((item) => item !== undefined && item !== null) : v
}

function isNothing(v: unknown): boolean {
  const whole = full(v)
  return whole === undefined || whole === null || (Array.isArray(whole) && whole.length === 0)
}

/** What the form renderer is given. What it would fill in by itself (a const) it does not get to see. */
function formOf({ properties = {}, required }: Schema): { schema: Schema; ui: UiSchema; defaults: Options } {
  const shown: Record<string, Schema> = {}
  const defaults: Options = {}
  const ui: UiSchema = {}
  for (const [name, property] of Object.entries(properties)) {
    const { const: fixed, oneOf: _, enum: __, not: ___, ...rest } = property
    if (property.deprecated === true) continue // taken, but not asked for
    const choices = choicesOf(property)
    shown[name] = property
    if (property.default !== undefined) defaults[name] = property.default
    if (isConsent(property)) {
      shown[name] = { type: 'string', title: property.title ?? '' }
      ui[name] = { 'ui:widget': 'consent', 'ui:options': { label: false, agreed: fixed } }
    } else if (choices && property.type === 'string') {
      shown[name] = rest
      ui[name] = { 'ui:widget': 'choice', 'ui:options': { choices } }
    } else if (fixed === false) {
      shown[name] = rest
      defaults[name] = false
      ui[name] = { 'ui:disabled': true }
    } else if (property.type === 'array' && property.items?.type === 'string' && !property.items.enum) {
      // Free words are typed into one field; a list that cannot be empty has a field for each of its items.
      ui[name] = { 'ui:widget': property.minItems ? 'answers' : 'tags' }
    }
  }
  return { schema: { type: 'object', properties: shown, required: required ?? [] }, ui, defaults }
}

function errorAt({ registry, name }: Pick<WidgetProps, 'registry' | 'name'>): string | undefined {
  return (registry.formContext as ReadonlyMap<string, string>).get(name)
}

function Tags({ id, label, value, required, schema, onChange, registry, name }: WidgetProps) {
  return (
    <TagsInput
      id={id}
      label={label}
      description={schema.description}
      required={required}
      error={errorAt({ registry, name })}
      maxTags={schema.maxItems}
      value={Array.isArray(value) ? value.filter((v) => typeof v === 'string') : []}
      acceptValueOnBlur
      onChange={(tags) => {
        onChange(tags.length > 0 ? tags : undefined)
      }}
    />
  )
}

function Answers({ id, label, value, schema, onChange, registry, name }: WidgetProps) {
  return (
    <AnswerList
      id={id}
      label={label}
      description={schema.description}
      least={schema.minItems ?? 0}
      most={schema.maxItems ?? Infinity}
      longest={(schema.items as Schema | undefined)?.maxLength as number | undefined}
      error={errorAt({ registry, name })}
      value={Array.isArray(value) ? value.map((v) => (typeof v === 'string' ? v : '')) : []}
      onChange={(list) => {
        onChange(list.length > 0 ? list : undefined)
      }}
    />
  )
}

/** One of several. What has no default starts empty: the person chooses, not the page. */
function Choose({ id, label, value, required, schema, options, onChange, registry, name }: WidgetProps) {
  const choices = (options.choices ?? []) as Choice[]
  const [first = '', ...words] = label.split(' ')
  const asks = /^(who|what|which|how|when|where)$/i.test(first)
  return (
    <Select
      id={id}
      label={label}
      description={schema.description}
      required={required}
      error={errorAt({ registry, name })}
      placeholder={asks ? `Choose ${[first.toLowerCase(), ...words].join(' ')}` : 'Choose one'}
      allowDeselect={!required}
      data={choices.map((c) => ({ value: c.value, label: c.title, disabled: c.off }))}
      value={typeof value === 'string' ? value : null}
      onChange={(v) => {
        onChange(v ?? undefined)
      }}
    />
  )
}

function Consent({ id, value, schema, options, onChange, registry, name }: WidgetProps) {
  const agreed = options.agreed as string
  return (
    <ConsentBox
      id={id}
      sentence={schema.title ?? ''}
      checked={value === agreed}
      error={errorAt({ registry, name }) && 'Tick this to agree. Nothing is posted without it.'}
      onChange={(checked) => {
        onChange(checked ? agreed : undefined)
      }}
    />
  )
}

/** A choice of yes or no looks like everywhere else in the page. */
function YesNo({ id, label, value, schema, disabled, onChange, registry, name }: WidgetProps) {
  return (
    <Switch
      id={id}
      label={label}
      description={schema.description}
      error={errorAt({ registry, name })}
      disabled={disabled}
      checked={value === true}
      onChange={(e) => {
        onChange(e.currentTarget.checked)
      }}
    />
  )
}

/** Texts and numbers. The theme's own keeps what was typed when the draft is emptied from outside. */
function Input({ id, label, value, required, schema, onChange, registry, name }: BaseInputTemplateProps) {
  const about = { id, label, description: schema.description, required, error: errorAt({ registry, name }) }
  if (schema.type === 'integer' || schema.type === 'number') {
    return (
      <NumberInput
        {...about}
        value={typeof value === 'number' ? value : ''}
        min={schema.minimum}
        max={schema.maximum}
        allowDecimal={schema.type === 'number'}
        onChange={(v) => {
          onChange(typeof v === 'number' ? v : undefined)
        }}
      />
    )
  }
  const text = {
    ...about,
    value: typeof value === 'string' ? value : '',
    onChange: (e: { currentTarget: { value: string } }) => {
      onChange(e.currentTarget.value || undefined)
    },
  }
  const long = schema.maxLength !== undefined && schema.maxLength > 300
  return long ? <Textarea {...text} autosize minRows={1} maxRows={8} /> : <TextInput {...text} />
}

const widgets = { tags: Tags, answers: Answers, choice: Choose, consent: Consent, CheckboxWidget: YesNo }
const templates = { BaseInputTemplate: Input }

/** The usual validator of rjsf compiles schemas with `eval`; this one walks them. */
const conditions: ValidatorType = {
  isValid: (schema, data) => satisfies(schema, data),
  validateFormData: () => ({ errors: [], errorSchema: {} }),
  rawValidation: () => ({ errors: [] }),
}
