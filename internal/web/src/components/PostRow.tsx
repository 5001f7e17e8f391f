import { Link } from '@tanstack/react-router'
import type { PlatformInfo } from '@/services/platforms'
import type { Post } from '@/services/posts'
import { MediaPreview } from './MediaPreview'
import { Moment } from './Moment'
import classes from './PostRow.module.css'
import { jobTone, jobWord, PostPill } from './states'
import { TargetAvatar } from './TargetAvatar'

interface Props {
  post: Post
  platforms: PlatformInfo[]
  zone: string
  now: Date
}

const most = 5 // targets shown by picture; the rest is a number

/** One post in the list: what it says, where it goes, how far it is. */
export function PostRow({ post, platforms, zone, now }: Props) {
  const picture = post.media[0]
  const troubled = post.jobs.filter((j) => j.problem && ['failed', 'held', 'blocked'].includes(j.state))
  return (
    <li className={classes.row}>
      {picture && (
        <span className={classes.picture}>
          <MediaPreview type={picture.type} src={picture.url} alt="" className={classes.look} />
          {post.media.length > 1 && <span className={classes.more}>{post.media.length}</span>}
        </span>
      )}
      <div className={classes.middle}>
        <Link to="/posts/$postId" params={{ postId: post.id }} className={classes.text}>
          {firstWords(post)}
        </Link>
        <div className={classes.targets}>
          {post.jobs.slice(0, most).map((j) => (
            <span key={j.id} title={`${j.connection.name}: ${jobWord(j.state)}`}>
              <TargetAvatar
                connection={j.connection}
                platforms={platforms}
                size={24}
                tone={jobTone(j.state)}
              />
              <span className="visually-hidden">
                {j.connection.name}: {jobWord(j.state)}.
              </span>
            </span>
          ))}
          <span className={classes.names}>
            {post.jobs.length === 1 ? post.jobs[0]?.connection.name : `${String(post.jobs.length)} accounts`}
            {post.jobs.length > 1 && published(post) > 0 && published(post) < post.jobs.length && (
              <>, {published(post)} published</>
            )}
          </span>
        </div>
        {troubled[0]?.problem && (
          <p className={classes.problem}>
            <strong>{troubled[0].connection.name}:</strong> {troubled[0].problem.message}
            {troubled.length > 1 && ` (and ${String(troubled.length - 1)} more)`}
          </p>
        )}
      </div>
      <div className={classes.end}>
        <PostPill state={post.state} />
        <span className={classes.time}>
          <Moment at={post.publish_at} zone={zone} now={now} show="both" />
        </span>
      </div>
    </li>
  )
}

function published(post: Post): number {
  return post.jobs.filter((j) => j.state === 'published').length
}

function wordless(post: Post): string {
  const first = post.media[0]
  if (!first) return 'Post'
  return first.type.startsWith('video/') ? 'Video' : 'Photo'
}

function firstWords(post: Post): string {
  const own = post.jobs.find((j) => j.text)?.text
  return post.text || own || `${wordless(post)} without text`
}
