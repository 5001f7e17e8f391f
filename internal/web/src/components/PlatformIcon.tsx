import {
  IconBrandFacebook,
  IconBrandGoogle,
  IconBrandInstagram,
  IconBrandLinkedin,
  IconBrandMeta,
  IconBrandTiktok,
  IconMail,
  IconWorld,
} from './icons'

// The names a connector's Info may use. A name the page does not know yet is a globe, not a gap.
const icons: Record<string, typeof IconWorld> = {
  facebook: IconBrandFacebook,
  google: IconBrandGoogle,
  instagram: IconBrandInstagram,
  linkedin: IconBrandLinkedin,
  mail: IconMail,
  meta: IconBrandMeta,
  tiktok: IconBrandTiktok,
}

export function PlatformIcon({ name, size = 18 }: { name: string; size?: number }) {
  const Icon = icons[name] ?? IconWorld
  return <Icon size={size} stroke={1.8} aria-hidden />
}
