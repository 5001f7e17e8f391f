import { Validator } from '@cfworker/json-schema'
import { NumberInput, Switch, TagsInput, Textarea, TextInput } from '@mantine/core'
import { withTheme } from '@rjsf/core'
import { Theme } from '@rjsf/mantine'
import type { BaseInputTemplateProps, RJSFSchema, UiSchema, ValidatorType, WidgetProps } from '@rjsf/utils'
import { useMemo } from 'react'

const Form = withTheme(Theme)

interface Props {
  id: string // of the target: two forms on one page need names of their own
  schema: unknown // a JSON Schema of an object, from the platform's Info
  value: Record<string, unknown>
  onChange: (value: Record<string, unknown>) => void
}

/** The fields only one kind of post on one platform has, made from its schema. */
export default function OptionsForm({ id, schema, value, onChange }: Props) {
  const shape = schema as RJSFSchema
  const ui = useMemo(() => uiOf(shape), [shape])
  return (
    <Form
      tagName="div" // it stands inside the composer's own form
      idPrefix={id}
      schema={shape}
      uiSchema={ui}
      formData={value}
      validator={conditions}
      widgets={widgets}
      templates={templates}
      noValidate // Herald's check says what is wrong, for the page and the API alike
      onChange={({ formData }) => {
        const all = Object.entries((formData ?? {}) as Record<string, unknown>)
        onChange(Object.fromEntries(all.filter(([, v]) => v !== undefined && v !== null)))
      }}
    >
      <></>
    </Form>
  )
}

/** A list of free words is typed into one field instead of a row of fields; what is deprecated is not asked for. */
function uiOf(schema: RJSFSchema): UiSchema {
  const old = Object.entries(schema.properties ?? {}).filter(
    ([, p]) => typeof p === 'object' && 'deprecated' in p && p.deprecated === true,
  )
  const words = Object.entries(schema.properties ?? {}).filter(
    ([, p]) =>
      typeof p === 'object' &&
      p.type === 'array' &&
      typeof p.items === 'object' &&
      !Array.isArray(p.items) &&
      p.items.type === 'string' &&
      !p.items.enum,
  )
  return Object.fromEntries([
    ...words.map(([name]) => [name, { 'ui:widget': 'tags' }] as const),
    ...old.map(([name]) => [name, { 'ui:widget': 'hidden' }] as const),
  ])
}

function Tags({ id, label, value, required, schema, onChange }: WidgetProps) {
  return (
    <TagsInput
      id={id}
      label={label}
      description={schema.description}
      required={required}
      maxTags={schema.maxItems}
      value={Array.isArray(value) ? value.filter((v) => typeof v === 'string') : []}
      acceptValueOnBlur
      onChange={(tags) => {
        onChange(tags.length > 0 ? tags : undefined)
      }}
    />
  )
}

/** A choice of yes or no looks like everywhere else in the page. */
function YesNo({ id, label, value, schema, onChange }: WidgetProps) {
  return (
    <Switch
      id={id}
      label={label}
      description={schema.description}
      checked={value === true}
      onChange={(e) => {
        onChange(e.currentTarget.checked)
      }}
    />
  )
}

/** Texts and numbers. The theme's own keeps what was typed when the draft is emptied from outside. */
function Input({ id, label, value, required, schema, onChange }: BaseInputTemplateProps) {
  const about = { id, label, description: schema.description, required }
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

const widgets = { tags: Tags, CheckboxWidget: YesNo }
const templates = { BaseInputTemplate: Input }

/**
 * Decides which branch of an if/then/else or oneOf holds. The usual validator of rjsf compiles schemas with `eval`,
 * which the page's Content-Security-Policy forbids; this one walks them.
 */
const conditions: ValidatorType = {
  isValid: (schema, data) => new Validator(schema as object, '2020-12').validate(data ?? {}).valid,
  validateFormData: () => ({ errors: [], errorSchema: {} }),
  rawValidation: () => ({ errors: [] }),
}
