import { Alert, SegmentedControl, Text } from '@mantine/core'
import { DatePickerInput, TimePicker } from '@mantine/dates'
import type { FieldProblem } from '@/services/problem'
import { exact, relative } from '@/time/format'
import { meaningOf, offsetLabel, wallOf, type WallTime } from '@/time/zone'
import { FieldProblems } from './FieldProblems'
import classes from './WhenFields.module.css'

export interface When extends WallTime {
  fold: 'first' | 'second'
}

interface Props {
  value: When
  zone: string
  now: Date
  problems?: FieldProblem[]
  onChange: (value: When) => void
}

/** A date and a time to the second by the workspace's clocks, and what instant that is. */
export function WhenFields({ value, zone, now, problems, onChange }: Props) {
  const meaning = meaningOf(zone, value)
  const at = meaning.kind === 'exact' ? meaning.at : meaning.kind === 'twice' ? meaning[value.fold] : null
  const place = zone.replaceAll('_', ' ')
  return (
    <div className={classes.root}>
      <div className={classes.fields}>
        <DatePickerInput
          label="Date"
          valueFormat="ddd, D MMM YYYY"
          value={value.date || null}
          minDate={wallOf(zone, now).date}
          firstDayOfWeek={1}
          popoverProps={{ withinPortal: true }}
          onChange={(date) => {
            onChange({ ...value, date: date ?? '' })
          }}
        />
        <TimePicker
          label="Time"
          withSeconds
          format="24h"
          size="sm"
          value={value.time}
          hoursInputLabel="Hour"
          minutesInputLabel="Minute"
          secondsInputLabel="Second"
          onChange={(time) => {
            onChange({ ...value, time })
          }}
        />
      </div>
      {meaning.kind === 'twice' && (
        <div>
          <Text size="sm" mb={6}>
            The clocks go back that night, so this time comes twice. Which one?
          </Text>
          <SegmentedControl
            size="xs"
            aria-label="Which of the two"
            value={value.fold}
            onChange={(fold) => {
              onChange({ ...value, fold: fold === 'second' ? 'second' : 'first' })
            }}
            data={[
              { value: 'first', label: `The first (${offsetLabel(zone, meaning.first)})` },
              { value: 'second', label: `The second (${offsetLabel(zone, meaning.second)})` },
            ]}
          />
        </div>
      )}
      {meaning.kind === 'gap' && (
        <Alert color="yellow" role="alert">
          <Text size="sm">
            This time does not exist: the clocks in {place} go forward over it. The next one is{' '}
            {wallOf(zone, meaning.after).time}.
          </Text>
          <button
            type="button"
            className={classes.take}
            onClick={() => {
              onChange({ ...value, ...wallOf(zone, meaning.after) })
            }}
          >
            Take {wallOf(zone, meaning.after).time}
          </button>
        </Alert>
      )}
      <p className={classes.sum}>
        {at ? (
          <>
            {exact(zone, at)} in {place} ({offsetLabel(zone, at)}), {relative(at, now)}
          </>
        ) : (
          <>
            By the clocks in {place} ({offsetLabel(zone, now)})
          </>
        )}
      </p>
      {at && at.getTime() < now.getTime() - 60_000 && (
        <FieldProblems
          problems={[{ field: 'publish_at', message: 'This moment has passed. Choose a later one.' }]}
        />
      )}
      <FieldProblems problems={problems} />
    </div>
  )
}
