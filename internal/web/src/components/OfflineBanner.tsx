import { useNetwork } from '@mantine/hooks'
import { IconWifiOff } from './icons'
import classes from './OfflineBanner.module.css'

/** Says that the browser has no connection, for as long as that is so. */
export function OfflineBanner() {
  const { online } = useNetwork()
  return (
    <div role="status">
      {!online && (
        <div className={classes.banner}>
          <IconWifiOff size={16} aria-hidden />
          You are offline. What you write is kept in this browser; sending works again when you are back.
        </div>
      )}
    </div>
  )
}
