/** A port that cannot be plugged on this host whatever one tries here: the cause is in Neutron. */
export class BindingRefused extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'BindingRefused'
  }
}
