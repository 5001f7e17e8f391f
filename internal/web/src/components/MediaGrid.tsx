import { mediaURL, nameOfType, type Media } from '@/services/media'
import { fileSize, videoLength } from '@/time/format'
import { IconCheck, IconVideo } from './icons'
import { MediaPreview } from './MediaPreview'
import classes from './MediaGrid.module.css'

interface Props {
  items: Media[]
  chosen?: string[] // ids; absent = a click opens, it does not choose
  onPick: (media: Media) => void
}

/** Files side by side, each a button. */
export function MediaGrid({ items, chosen, onPick }: Props) {
  return (
    <ul className={classes.grid}>
      {items.map((m) => {
        const picked = chosen?.includes(m.id)
        return (
          <li key={m.id}>
            <button
              type="button"
              className={classes.card}
              aria-pressed={chosen ? picked : undefined}
              data-picked={picked || undefined}
              data-leaving={m.state === 'deleting' || undefined}
              onClick={() => {
                onPick(m)
              }}
            >
              <span className={classes.frame}>
                <MediaPreview type={m.type} src={mediaURL(m.id)} alt={m.alt} className={classes.picture} />
                {m.duration_ms !== undefined && (
                  <span className={classes.length}>
                    <IconVideo size={13} aria-hidden />
                    {videoLength(m.duration_ms)}
                  </span>
                )}
                {picked && (
                  <span className={classes.tick}>
                    <IconCheck size={16} stroke={3} aria-hidden />
                  </span>
                )}
              </span>
              <span className={classes.name}>{m.name}</span>
              <span className={classes.facts}>
                {m.state === 'deleting'
                  ? 'Deletion not finished'
                  : `${nameOfType(m.type)} · ${fileSize(m.bytes)}`}
              </span>
            </button>
          </li>
        )
      })}
    </ul>
  )
}
