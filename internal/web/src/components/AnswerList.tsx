import { ActionIcon, Button, Input, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { IconPlus, IconX } from './icons'

interface Props {
  id: string
  label: string
  description: string | undefined
  least: number
  most: number
  longest: number | undefined // code points of one
  error: string | undefined
  value: string[]
  onChange: (value: string[]) => void // without the empty ones at the end
}

/** A short list with a field for each of its items: the answers of a poll. */
export function AnswerList(props: Props) {
  const { id, label, description, least, most, longest, error, value, onChange } = props
  const [wanted, setWanted] = useState(least)
  const rows = Math.min(most, Math.max(least, wanted, value.length))
  const set = (list: string[]) => {
    onChange(list.slice(0, list.findLastIndex((v) => v !== '') + 1))
  }
  const all = Array.from({ length: rows }, (_, i) => value[i] ?? '')
  return (
    <Input.Wrapper id={id} label={label} description={description} error={error} required={least > 0}>
      <Stack gap={6} mt={4} role="group" aria-label={label}>
        {all.map((text, i) => (
          <TextInput
            key={i}
            id={i === 0 ? id : undefined}
            aria-label={`${label} ${String(i + 1)}`}
            placeholder={`${String(i + 1)}.`}
            value={text}
            error={
              longest !== undefined && [...text].length > longest && `At most ${String(longest)} characters`
            }
            rightSection={
              rows > least && (
                <ActionIcon
                  aria-label={`Remove ${String(i + 1)}`}
                  onClick={() => {
                    setWanted(rows - 1)
                    set(all.toSpliced(i, 1))
                  }}
                >
                  <IconX size={15} aria-hidden />
                </ActionIcon>
              )
            }
            onChange={(e) => {
              set(all.with(i, e.currentTarget.value))
            }}
          />
        ))}
        {rows < most && (
          <Button
            variant="subtle"
            size="compact-xs"
            w="fit-content"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => {
              setWanted(rows + 1)
            }}
          >
            Add another
          </Button>
        )}
      </Stack>
    </Input.Wrapper>
  )
}
