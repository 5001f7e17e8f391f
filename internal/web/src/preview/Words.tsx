import { useState } from 'react'
import { cut } from '@/compose/cut'
import classes from './preview.module.css'

interface Props {
  text: string
  limit: { lines: number; chars: number }
  more: string // what stands where the text is cut
  before?: string // a name in front of it
}

/** A post's text, cut where readers have to ask for the rest. */
export function Words({ text, limit, more, before }: Props) {
  const [whole, setWhole] = useState(false)
  const part = cut(text, limit)
  if (text.trim() === '' && !before) return null
  return (
    <p className={classes.words}>
      {before && <strong>{before} </strong>}
      {tagged(whole ? text : part.shown)}
      {part.more && !whole && (
        <>
          {more.startsWith('…') ? ' ' : '… '}
          <button
            type="button"
            className={classes.more}
            onClick={() => {
              setWhole(true)
            }}
          >
            {more}
          </button>
        </>
      )}
    </p>
  )
}

/** Hashtags, mentions and addresses have the colour of links. */
function tagged(text: string) {
  return text.split(/((?<![\p{L}\p{N}_])[#@][\p{L}\p{N}_.]+|https?:\/\/\S+)/u).map((part, i) =>
    i % 2 === 1 ? (
      <span key={i} className={classes.tag}>
        {part}
      </span>
    ) : (
      part
    ),
  )
}
