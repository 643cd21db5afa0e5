// The core's exports as the host sees them; assembly/index.ts is their other side.

/** Address of a plan in the core's memory. */
export type PlanAddress = number;

/** Address of lag sums in the core's memory. */
export type LagSumsAddress = number;

/** Address of covariance sums in the core's memory. */
export type CovarianceSumsAddress = number;

/** Address of a dynamical system in the core's memory. */
export type SystemAddress = number;

/** Address of a search for a fixed point in the core's memory. */
export type FixedPointAddress = number;

/** Address of correlations in the core's memory. */
export type CorrelationsAddress = number;

/** Address of a Lyapunov spectrum in the core's memory. */
export type LyapunovAddress = number;

/** Address of a spectrum in the core's memory. */
export type SpectrumAddress = number;

export interface CoreExports {
  readonly memory: WebAssembly.Memory;
  arenaMark(): number;
  arenaRelease(mark: number): void;
  arenaAllocate(bytes: number): number;
  findNonFinite(address: number, count: number): number;
  setTallTiles(tall: boolean): void;

  foldIn(key: bigint, data: number): bigint;
  drawInteger(key: bigint, low: number, high: number): number;
  fillNormal(key: bigint, address: number, count: number): void;

  createPlan(layers: number): PlanAddress;
  setSizes(
    plan: PlanAddress,
    cell: number,
    activation: number,
    H: number,
    I: number,
    K: number,
    C: number,
    B: number,
    T: number,
    L: number,
  ): void;
  setOptimizer(
    plan: PlanAddress,
    optimizer: number,
    trainTau: boolean,
    learningRate: number,
    momentum: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    clipNorm: number,
  ): void;
  setLearningRate(plan: PlanAddress, rate: number): void;
  setEveryStep(plan: PlanAddress): void;
  setRecording(plan: PlanAddress, cells: boolean): void;
  layOutPlan(plan: PlanAddress, base: number): number;

  parametersOf(plan: PlanAddress): number;
  gradientOf(plan: PlanAddress): number;
  momentsOf(plan: PlanAddress): number;
  updatesOf(plan: PlanAddress): number;
  inputsOf(plan: PlanAddress): number;
  labelsOf(plan: PlanAddress): number;
  initialStateOf(plan: PlanAddress): number;
  lengthsOf(plan: PlanAddress): number;
  headsOf(plan: PlanAddress): number;
  slotsOf(plan: PlanAddress): number;
  slotBytesOf(plan: PlanAddress): number;
  usedSlotBytesOf(plan: PlanAddress, active: number): number;
  correctOf(plan: PlanAddress): number;
  statesOf(plan: PlanAddress): number;
  cellStatesOf(plan: PlanAddress): number;
  forgetGatesOf(plan: PlanAddress): number;
  lossOf(plan: PlanAddress): number;
  gradientNormOf(plan: PlanAddress): number;

  initializeParameters(plan: PlanAddress, key: bigint, tauLow: number, tauHigh: number): void;
  initializeGate(plan: PlanAddress, key: bigint, gate: number, gain: number): void;
  setGateBias(plan: PlanAddress, gate: number, bias: number): void;
  drawState(plan: PlanAddress, key: bigint, scale: number): void;
  drawParityBatch(plan: PlanAddress, key: bigint, T: number, rows: number, bipolar: boolean): void;
  drawDelayedMatchBatch(plan: PlanAddress, key: bigint, T: number, rows: number, bipolar: boolean): void;
  drawSequentialDigitsBatch(
    plan: PlanAddress,
    key: bigint,
    T: number,
    side: number,
    images: number,
    labels: number,
    count: number,
  ): void;
  drawBiasedBits(plan: PlanAddress, key: bigint, biasKey: bigint, T: number): void;
  drawBits(plan: PlanAddress, key: bigint, probability: number, low: number, T: number): void;
  holdInputs(plan: PlanAddress, n: number, k: number): void;
  setStepsPerBit(plan: PlanAddress, k: number): void;
  prepareGradient(plan: PlanAddress): void;
  computeShards(plan: PlanAddress, low: number, high: number, T: number, active: number, level: number): void;
  addSlots(plan: PlanAddress, level: number, active: number): void;
  finishShards(plan: PlanAddress, active: number): number;
  computeGradient(plan: PlanAddress, T: number, active: number): number;
  updateParameters(plan: PlanAddress, active: number): void;
  evaluateShards(plan: PlanAddress, low: number, high: number, T: number, rows: number): number;

  prepareRecording(plan: PlanAddress): void;
  recordSteps(plan: PlanAddress, low: number, high: number, T: number): void;

  orthonormalizeScratch(k: number, n: number): number;
  orthonormalizeRows(
    rows: number,
    k: number,
    n: number,
    diagonal: number,
    lower: number,
    scratch: number,
  ): void;
  eigenvaluesScratch(n: number): number;
  eigenvalues(matrix: number, n: number, re: number, im: number, scratch: number): number;
  decomposeScratch(k: number, l: number): number;
  decompose(rows: number, k: number, l: number, values: number, vectors: number, scratch: number): number;
  leastSquaresScratch(m: number, n: number): number;
  solveLeastSquares(matrix: number, m: number, n: number, right: number, scratch: number): number;
  residual(right: number, m: number, n: number): number;
  logDeterminant(matrix: number, n: number, scratch: number): number;
  symmetricScratch(n: number): number;
  symmetricEigenvalues(matrix: number, n: number, values: number, scratch: number): number;

  autocovarianceBytes(n: number, L: number): number;
  autocovariance(series: number, n: number, L: number, work: number, target: number): void;
  createLagSums(series: number, L: number): LagSumsAddress;
  layOutLagSums(sums: LagSumsAddress, base: number): number;
  addSteps(sums: LagSumsAddress, data: number, n: number, wide: boolean): void;
  stepsOf(sums: LagSumsAddress): number;
  finishLagSums(sums: LagSumsAddress, target: number): void;
  sumRows(data: number, rows: number, H: number, target: number): void;
  exponentialFitBytes(): number;
  fitExponentials(y: number, n: number, fit: number): void;
  createCovarianceSums(H: number, trials: number): CovarianceSumsAddress;
  layOutCovarianceSums(sums: CovarianceSumsAddress, base: number): number;
  addStates(sums: CovarianceSumsAddress, data: number, n: number): void;
  filterAr1(tau: number, last: number, target: number, n: number, series: number): void;
  studentTail(t: number, df: number): number;
  finishCovariances(sums: CovarianceSumsAddress, trial: number, target: number): void;

  createSystem(layers: number): SystemAddress;
  setSystem(
    system: SystemAddress,
    kind: number,
    method: number,
    activation: number,
    resetAfter: boolean,
    N: number,
    I: number,
    dt: number,
  ): void;
  setGates(
    system: SystemAddress,
    gain: number,
    bias: number,
    updateGain: number,
    updateBias: number,
    updateTau: number,
    outputGain: number,
    outputBias: number,
    outputTau: number,
  ): void;
  layOutSystem(system: SystemAddress, base: number): number;
  weightsOf(system: SystemAddress, layer: number): number;
  packSystem(system: SystemAddress): void;
  stepStates(system: SystemAddress, states: number, rows: number, inputs: number, linear: boolean): void;
  stepTangents(system: SystemAddress, tangents: number, rows: number): void;
  linearize(
    system: SystemAddress,
    state: number,
    input: number,
    field: boolean,
    columns: number,
    result: number,
  ): void;
  advanceStates(
    system: SystemAddress,
    states: number,
    rows: number,
    inputs: number,
    steps: number,
    every: number,
    record: number,
  ): number;
  createLyapunov(system: SystemAddress, k: number, interval: number, determinant: number): LyapunovAddress;
  layOutLyapunov(spectrum: LyapunovAddress, base: number): number;
  drawTangents(spectrum: LyapunovAddress, key: bigint): void;
  followTangents(spectrum: LyapunovAddress, inputs: number, steps: number): number;
  trajectoryOf(spectrum: LyapunovAddress): number;
  tangentsOf(spectrum: LyapunovAddress): number;
  exponentSumsOf(spectrum: LyapunovAddress): number;
  createFixedPoint(system: SystemAddress): FixedPointAddress;
  layOutFixedPoint(search: FixedPointAddress, base: number): number;
  searchStateOf(search: FixedPointAddress): number;
  searchInputOf(search: FixedPointAddress): number;
  findFixedPoint(search: FixedPointAddress, tolerance: number, iterations: number): number;
  residualOf(search: FixedPointAddress): number;
  createCorrelations(
    N: number,
    D: number,
    trials: number,
    L: number,
    activated: boolean,
    gain: number,
    bias: number,
  ): CorrelationsAddress;
  layOutCorrelations(correlations: CorrelationsAddress, base: number): number;
  addToCorrelations(correlations: CorrelationsAddress, states: number, count: number): void;
  correlationSumsOf(correlations: CorrelationsAddress): number;

  // theory
  logistic(y: number): number;
  logarithms(data: number, n: number): void;
  saturateAll(kind: number, gain: number, bias: number, data: number, n: number): void;
  nodeCount(kind: number, gain: number, variance: number): number;
  fillNodes(kind: number, gain: number, variance: number, target: number): void;
  gaussianMoments(
    kind: number,
    gain: number,
    bias: number,
    variances: number,
    count: number,
    target: number,
  ): void;
  hermiteScratch(kind: number, gain: number, variance: number, most: number): number;
  hermiteSeries(
    kind: number,
    gain: number,
    bias: number,
    variance: number,
    tolerance: number,
    most: number,
    terms: number,
    missing: number,
    scratch: number,
  ): number;
  sumSeries(terms: number, count: number, correlations: number, n: number, target: number): void;
  fillTwiddles(twiddles: number, n: number): void;
  evenTransform(data: number, n: number, twiddles: number, scratch: number): void;
  pathScratch(n: number): number;
  samplePaths(
    key: bigint,
    first: number,
    pairs: number,
    n: number,
    dt: number,
    gain: number,
    bias: number,
    updateGain: number,
    updateBias: number,
    amplitudes: number,
    twiddles: number,
    scratch: number,
    powers: number,
  ): void;
  createSpectrum(
    sites: number,
    poles: number,
    c0: number,
    c1: number,
    tau1: number,
    tau2: number,
    e: number,
  ): SpectrumAddress;
  spectralWeights(spectrum: SpectrumAddress, values: number, n: number, target: number): void;
  traceEdge(
    spectrum: SpectrumAddress,
    centre: number,
    reach: number,
    scan: number,
    angles: number,
    target: number,
  ): void;
}
