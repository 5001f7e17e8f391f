import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import classes from './AppFrame.module.css'
import { Brand, Mark } from './Brand'
import {
  IconLibraryPhoto,
  IconListCheck,
  IconMessages,
  IconPencilPlus,
  IconSend,
  IconSettings,
  IconUsers,
} from './icons'
import { LiveRegion } from './LiveRegion'
import { MemberMenu } from './MemberMenu'
import { OfflineBanner } from './OfflineBanner'

interface Props {
  workspace: string
  member: { name: string; email: string; role: string }
  needsYou: number // posts that wait for a person
  accountsNeedCare: boolean
  bell: ReactNode
  banner: ReactNode
  onSignOut: () => void
  children: ReactNode
}

const icon = { size: 20, stroke: 1.8, 'aria-hidden': true } as const

/** The frame of the signed-in part: navigation at the side, or at the bottom of a small screen. */
export function AppFrame({
  workspace,
  member,
  needsYou,
  accountsNeedCare,
  bell,
  banner,
  onSignOut,
  children,
}: Props) {
  const badge = needsYou > 99 ? '99+' : String(needsYou)
  const links = (
    <>
      <li>
        <Link to="/posts" className={classes.link}>
          <IconSend {...icon} />
          <span className={classes.label}>Posts</span>
          {needsYou > 0 && (
            <span className={classes.badge}>
              {badge}
              <span className="visually-hidden"> need you</span>
            </span>
          )}
        </Link>
      </li>
      <li>
        <Link to="/compose" className={classes.link}>
          <IconPencilPlus {...icon} />
          <span className={classes.label}>Compose</span>
        </Link>
      </li>
      <li>
        <Link to="/library" className={classes.link}>
          <IconLibraryPhoto {...icon} />
          <span className={classes.label}>Library</span>
        </Link>
      </li>
      <li>
        <Link to="/comments" className={classes.link}>
          <IconMessages {...icon} />
          <span className={classes.label}>Comments</span>
        </Link>
      </li>
      <li>
        <Link to="/accounts" className={classes.link}>
          <IconUsers {...icon} />
          <span className={classes.label}>Accounts</span>
          {accountsNeedCare && (
            <span className={classes.dot}>
              <span className="visually-hidden">, an account needs care</span>
            </span>
          )}
        </Link>
      </li>
      <li className={classes.wide}>
        <Link to="/capabilities" className={classes.link}>
          <IconListCheck {...icon} />
          <span className={classes.label}>Platforms</span>
        </Link>
      </li>
      <li>
        <Link to="/settings" className={classes.link}>
          <IconSettings {...icon} />
          <span className={classes.label}>Settings</span>
        </Link>
      </li>
    </>
  )
  return (
    <div className={classes.frame}>
      <a href="#main" className="skip-link">
        Skip to the content
      </a>
      <header className={classes.top}>
        <span className={classes.topBrand}>
          <Mark size={26} />
          <span className={classes.workspace}>{workspace}</span>
        </span>
        <span className={classes.topEnd}>
          {bell}
          <MemberMenu member={member} onSignOut={onSignOut} compact />
        </span>
      </header>
      <div className={classes.side}>
        <div className={classes.sideHead}>
          <span className={classes.sideTop}>
            <Brand />
            {bell}
          </span>
          <span className={classes.workspace}>{workspace}</span>
        </div>
        <nav aria-label="Main" className={classes.nav}>
          <ul>{links}</ul>
        </nav>
        <div className={classes.sideFoot}>
          <MemberMenu member={member} onSignOut={onSignOut} />
        </div>
      </div>
      <main id="main" className={classes.main} tabIndex={-1}>
        <OfflineBanner />
        {banner}
        <div className={classes.content}>{children}</div>
      </main>
      <LiveRegion />
    </div>
  )
}
