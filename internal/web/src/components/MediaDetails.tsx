import { Button, Group, Modal, Skeleton, Stack, Text, Textarea } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { deleteMedia, describeMedia, mediaURL, nameOfType, usesQuery, type Media } from '@/services/media'
import { fileSize, short, videoLength } from '@/time/format'
import { ConfirmDialog } from './ConfirmDialog'
import { IconTrash } from './icons'
import { MediaPreview } from './MediaPreview'
import { ProblemNotice } from './ProblemNotice'
import classes from './MediaDetails.module.css'

interface Props {
  media: Media | null // null = closed
  zone: string
  now: Date
  changes: boolean // whether the person may change something
  onClose: () => void
}

/** Everything about one file, and what can be done with it. */
export function MediaDetails({ media, ...rest }: Props) {
  return (
    <Modal opened={media !== null} onClose={rest.onClose} title={media?.name ?? ''} size="xl">
      {media && <Details key={media.id} media={media} {...rest} />}
    </Modal>
  )
}

function Details({ media, zone, now, changes, onClose }: Props & { media: Media }) {
  const client = useQueryClient()
  const uses = useQuery(usesQuery(media.id))
  const [alt, setAlt] = useState(media.alt)
  const [saved, setSaved] = useState(media.alt)
  const [asking, setAsking] = useState(false)
  const refresh = () => client.invalidateQueries({ queryKey: ['media'] })
  const describe = useMutation({
    mutationFn: () => describeMedia(media.id, alt),
    onSuccess: (m) => {
      setAlt(m.alt)
      setSaved(m.alt)
      return refresh()
    },
  })
  const remove = useMutation({
    mutationFn: () => deleteMedia(media.id),
    onSuccess: () => {
      setAsking(false)
      onClose()
    },
    onSettled: refresh,
  })
  const needed = uses.data?.filter((u) => u.needs).length ?? 0
  return (
    <div className={classes.columns}>
      <MediaPreview
        type={media.type}
        src={mediaURL(media.id)}
        alt={saved}
        className={classes.preview}
        controls
      />
      <Stack gap="md">
        <dl className={classes.facts}>
          <Fact name="Type">{nameOfType(media.type) + (media.animated ? ', animated' : '')}</Fact>
          {media.width !== undefined && media.height !== undefined && (
            <Fact name="Pixels">
              {media.width} × {media.height} ({(media.width / media.height).toFixed(2)} : 1)
            </Fact>
          )}
          {media.pages !== undefined && <Fact name="Pages">{media.pages}</Fact>}
          {media.duration_ms !== undefined && <Fact name="Length">{videoLength(media.duration_ms)}</Fact>}
          {media.codec && (
            <Fact name="Codec">
              {media.codec}
              {media.frame_rate
                ? `, ${String(Math.round(media.frame_rate * 100) / 100)} pictures a second`
                : ''}
            </Fact>
          )}
          <Fact name="Size">{fileSize(media.bytes)}</Fact>
          <Fact name="Uploaded">{short(zone, new Date(media.created_at), now)}</Fact>
        </dl>
        {changes && media.state === 'ready' ? (
          <form
            onSubmit={(event) => {
              event.preventDefault()
              describe.mutate()
            }}
          >
            <Textarea
              label="Alternative text"
              description="Offered to each new post with this file."
              placeholder="What it shows, for those who cannot see it"
              autosize
              minRows={2}
              maxLength={2000}
              value={alt}
              onChange={(e) => {
                setAlt(e.currentTarget.value)
              }}
            />
            <ProblemNotice error={describe.error} />
            {alt.trim() !== saved && (
              <Button type="submit" size="xs" mt="xs" loading={describe.isPending}>
                Save the text
              </Button>
            )}
          </form>
        ) : (
          saved && <Text size="sm">{saved}</Text>
        )}
        <section aria-label="Where it is used">
          <Text size="sm" fw={600} mb={4}>
            Where it is used
          </Text>
          {uses.isPending && <Skeleton height={40} />}
          {uses.error && <ProblemNotice error={uses.error} />}
          {uses.data?.length === 0 && (
            <Text size="sm" c="dimmed">
              In no post yet.
            </Text>
          )}
          {uses.data && uses.data.length > 0 && (
            <ul className={classes.uses}>
              {uses.data.map((u) => (
                <li key={u.post_id}>
                  <Link to="/posts/$postId" params={{ postId: u.post_id }} className={classes.post}>
                    {u.text.trim() || 'A post without a text'}
                  </Link>
                  <Text size="xs" c="dimmed" component="span">
                    {u.state.replaceAll('_', ' ')} · {short(zone, new Date(u.publish_at), now)}
                  </Text>
                </li>
              ))}
            </ul>
          )}
        </section>
        {changes && (
          <Group gap="sm">
            <Button
              variant="default"
              leftSection={<IconTrash size={16} aria-hidden />}
              disabled={uses.isPending || needed > 0}
              onClick={() => {
                setAsking(true)
              }}
            >
              Delete
            </Button>
            {needed > 0 && (
              <Text size="xs" c="dimmed">
                {needed === 1 ? 'A post that is not finished needs it.' : `${String(needed)} posts need it.`}
              </Text>
            )}
          </Group>
        )}
      </Stack>
      <ConfirmDialog
        opened={asking}
        danger
        title="Delete this file?"
        confirm="Delete it"
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => {
          remove.mutate()
        }}
        onClose={() => {
          setAsking(false)
          remove.reset()
        }}
      >
        <Text size="sm">
          It leaves the library for good. What was published stays on the platforms; posts here show a sign in
          its place, and a failed one cannot be tried again.
        </Text>
      </ConfirmDialog>
    </div>
  )
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
