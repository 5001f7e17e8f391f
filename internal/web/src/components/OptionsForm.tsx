import { NumberInput, Select, Stack, Switch, TextInput } from '@mantine/core'
import { optionFields, type OptionField } from '@/compose/options'

interface Props {
  schema: unknown // a JSON Schema of an object, from the platform's Info
  value: Record<string, unknown>
  onChange: (value: Record<string, unknown>) => void
}

/** The fields only one kind of post on one platform has, made from its schema. */
export function OptionsForm({ schema, value, onChange }: Props) {
  const fields = optionFields(schema)
  if (fields.length === 0) return null
  const set = (name: string, v: unknown) => {
    const { [name]: _, ...rest } = value
    onChange(v === undefined ? rest : { ...rest, [name]: v })
  }
  return (
    <Stack gap="sm">
      {fields.map((f) => (
        <Field
          key={f.name}
          field={f}
          value={value[f.name] ?? f.initial}
          onChange={(v) => {
            set(f.name, v)
          }}
        />
      ))}
    </Stack>
  )
}

function Field({
  field: f,
  value,
  onChange,
}: {
  field: OptionField
  value: unknown
  onChange: (v: unknown) => void
}) {
  const about = { label: f.label, description: f.help, required: f.required }
  switch (f.type) {
    case 'switch':
      return (
        <Switch
          label={f.label}
          description={f.help}
          checked={value === true}
          onChange={(e) => {
            onChange(e.currentTarget.checked)
          }}
        />
      )
    case 'choice':
      return (
        <Select
          {...about}
          data={f.choices}
          value={typeof value === 'string' ? value : null}
          clearable={!f.required}
          onChange={(v) => {
            onChange(v ?? undefined)
          }}
        />
      )
    case 'number':
      return (
        <NumberInput
          {...about}
          value={typeof value === 'number' ? value : ''}
          min={f.min}
          max={f.max}
          onChange={(v) => {
            onChange(typeof v === 'number' ? v : undefined)
          }}
        />
      )
    case 'text':
      return (
        <TextInput
          {...about}
          value={typeof value === 'string' ? value : ''}
          maxLength={f.max}
          onChange={(e) => {
            onChange(e.currentTarget.value || undefined)
          }}
        />
      )
  }
}
