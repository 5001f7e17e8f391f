import { Select, type SelectProps } from '@mantine/core'
import { useMemo } from 'react'
import { offsetLabel, zones } from '@/time/zone'

type Props = Omit<SelectProps, 'data' | 'searchable'> & { now: Date }

/** Every time zone, searchable by its city or its present offset. */
export function ZoneSelect({ now, value, ...rest }: Props) {
  const hour = Math.floor(now.getTime() / 3_600_000)
  const data = useMemo(() => {
    const at = new Date(hour * 3_600_000)
    const known = zones()
    const all = value && !known.includes(value) ? [value, ...known] : known
    return all.map((zone) => ({
      value: zone,
      label: `${zone.replaceAll('_', ' ')} (${offsetLabel(zone, at)})`,
    }))
  }, [hour, value])
  return (
    <Select
      {...rest}
      value={value}
      data={data}
      searchable
      allowDeselect={false}
      nothingFoundMessage="No such time zone"
      limit={80}
    />
  )
}
