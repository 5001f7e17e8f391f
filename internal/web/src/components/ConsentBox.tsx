import { Anchor, Checkbox } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { linked } from '@/compose/options'

interface Props {
  id: string
  sentence: string // with links as in Markdown
  checked: boolean
  error: string | undefined
  onChange: (checked: boolean) => void
}

/** A sentence a person agrees to. When its words change, nobody has agreed yet. */
export function ConsentBox({ id, sentence, checked, error, onChange }: Props) {
  const read = useRef(sentence)
  useEffect(() => {
    if (read.current === sentence) return
    read.current = sentence
    if (checked) onChange(false)
  }, [sentence, checked, onChange])
  return (
    <Checkbox
      id={id}
      checked={checked}
      error={error}
      label={
        <span>
          {linked(sentence).map((part, i) =>
            part.href ? (
              <Anchor key={i} href={part.href} target="_blank" rel="noreferrer" inherit>
                {part.text}
              </Anchor>
            ) : (
              part.text
            ),
          )}
        </span>
      }
      onChange={(e) => {
        onChange(e.currentTarget.checked)
      }}
    />
  )
}
